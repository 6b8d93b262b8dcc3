#include "store/newest_before.h"

#include <fmt/format.h>

#include <algorithm>

namespace mc::store {

namespace {

constexpr date::days near{10};  // run_far_date has the others

// Leaves out runs that were started by hand without a date.
std::string by_schedule() { return fmt::format("key NOT LIKE '{}%'", first_word(FireKey::Kind::start)); }

// The only value of the query's result; nullopt: it has no row.
template <class Value, class... Values>
Result<std::optional<Value>> one(Database& database, std::string_view sql, const Values&... values) {
    std::optional<Value> found;
    const auto read = [&](Row& row) { row.read(found); };
    return database.query(sql, read, values...).map([&] { return found; });
}

// An earlier date that has a run near it: the date of the newest earlier fire. It need not be the newest date, because
// later fires may have older dates.
Result<std::optional<Date>> some_before(Database& database, const JobName& job, Date date, Instant fire_before) {
    static const std::string sql =
        "SELECT logical_date FROM run INDEXED BY run_by_job_fire WHERE job = ?1 AND fire <= ?3 "
        "AND logical_date < ?2 AND " +
        by_schedule() + " ORDER BY fire DESC LIMIT 1";
    // A job that fires often has very many fires between that date and the bound.
    const Instant begin_of_date{date.time_since_epoch()}, last_near = begin_of_date + near + date::days{1};
    auto found = one<Date>(database, sql, job, date, std::min(fire_before, begin_of_date));
    if (found && !*found && begin_of_date < fire_before)
        found = one<Date>(database, sql, job, date, std::min(fire_before, last_near));
    return found;
}

// The newest run among those with a date far from their fire, for dates after `after`.
Result<std::optional<RunId>> newest_far(Database& database, const JobName& job, Date date, Instant fire_before,
                                        Date after) {
    static const std::string sql =
        "SELECT id FROM run INDEXED BY run_far_date WHERE logical_date > ?4 AND logical_date < ?2 "
        "AND abs(logical_date - fire / 86400) > 10 AND job = ?1 AND fire <= ?3 AND " +
        by_schedule() + " ORDER BY logical_date DESC, fire DESC, id LIMIT 1";
    return one<RunId>(database, sql, job, date, fire_before, after);
}

}  // namespace

Result<std::optional<RunId>> newest_before(Database& database, const JobName& job, Date date, Instant fire_before) {
    static const std::string newest_of_date =
        "SELECT id FROM run INDEXED BY run_by_date WHERE logical_date = ?2 AND job = ?1 AND fire <= ?3 AND " +
        by_schedule() + " ORDER BY fire DESC, id LIMIT 1";
    const auto newest = one<Instant>(database,
                                     "SELECT fire FROM run INDEXED BY run_by_job_fire WHERE job = ?1 AND fire <= ?2 "
                                     "ORDER BY fire DESC LIMIT 1",
                                     job, fire_before);
    if (!newest) return tl::unexpected(newest.error());
    if (!*newest) return std::nullopt;
    const auto first = some_before(database, job, date, fire_before);
    if (!first) return tl::unexpected(first.error());
    if (!*first) return newest_far(database, job, date, fire_before, Date::min());
    const Date day_before = date - date::days{1};
    const Date of_newest{date::floor<date::days>(**newest).time_since_epoch()};
    const Date last = std::max(**first, std::min(day_before, of_newest + near));
    if (last < day_before) {
        auto far = newest_far(database, job, date, fire_before, last);
        if (!far || *far) return far;
    }
    for (Date day = last; day >= **first; day -= date::days{1}) {
        auto id = one<RunId>(database, newest_of_date, job, day, fire_before);
        if (!id || *id) return id;
    }
    return std::nullopt;
}

}  // namespace mc::store
