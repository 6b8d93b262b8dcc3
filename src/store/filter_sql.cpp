#include "store/filter_sql.h"

#include <fmt/format.h>

namespace mc::store {

namespace {

// The conditions of a RunFilter as SQL.
std::string where(const RunFilter& filter, std::string_view dates) {
    std::string sql = fmt::format("WHERE {}", dates);
    if (filter.jobs.size() == 1) sql += " AND job = ?1";
    if (filter.jobs.size() > 1) sql += " AND job IN (SELECT value FROM json_each(?1))";
    if (filter.state) sql += " AND state = ?4";
    // SQLite uses a partial index only if the query excludes the states that the index leaves out.
    if (filter.state && *filter.state != State::success) sql += " AND state <> 'success'";
    if (filter.state && *filter.state != State::success && finished(*filter.state))
        sql += " AND state NOT IN ('success', 'scheduled', 'waiting', 'queued', 'running', 'retrying')";
    if (filter.before) sql += " AND (fire, id) < (?6, ?7)";
    return sql + " ORDER BY fire DESC, id DESC LIMIT ?5";
}

// The condition on dates; `+` keeps SQLite from searching by them. Nearly all runs have a date near their fire, so that
// the indexes by fire are used for a range of dates too. The few other runs have a separate index.
std::string in_range(const RunFilter& filter) {
    return fmt::format("{}{}", filter.from ? "+logical_date >= ?2" : "true",
                       filter.to ? " AND +logical_date <= ?3" : "");
}

std::string where_near(const RunFilter& filter) {
    if (!filter.from && !filter.to) return where(filter, "true");
    return where(filter, fmt::format("{}{}{} AND abs(logical_date - fire / 86400) <= 10", in_range(filter),
                                     filter.from ? " AND fire >= (?2 - 10) * 86400" : "",
                                     filter.to ? " AND fire < (?3 + 11) * 86400" : ""));
}

std::string where_far(const RunFilter& filter) {
    return "INDEXED BY run_far_date " + where(filter, in_range(filter) + " AND abs(logical_date - fire / 86400) > 10");
}

// The shared rows that begin before the range and extend into it; few rows are shared. 50400: as latest_date().
std::string where_shared(const RunFilter& filter) {
    return "INDEXED BY run_shared " +
           where(filter, "logical_date < ?2 AND fires > 1 AND (last_fire + 50400) / 86400 >= ?2");
}

}  // namespace

std::vector<std::string> filter_sql(const RunFilter& filter) {
    std::vector<std::string> parts{where_near(filter)};
    if (filter.from || filter.to) parts.push_back(where_far(filter));
    if (filter.from) parts.push_back(where_shared(filter));
    return parts;
}

}  // namespace mc::store
