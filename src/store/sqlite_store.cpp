#include "store/sqlite_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "store/filter_sql.h"
#include "store/newest_before.h"
#include "store/rows.h"

namespace mc::store {

template <class... Values>
Result<std::vector<Run>> SqliteStore::select_runs(std::string_view tail, const Values&... values) const {
    std::vector<Run> found;
    const std::string sql = fmt::format("SELECT {} FROM run {}", columns_of<Run>().list(), tail);
    const auto read = [&](Row& row) { read_columns(row, found.emplace_back()); };
    return database_.query(sql, read, values...).map([&] { return std::move(found); });
}

template <class... Values>
Result<std::optional<Run>> SqliteStore::select_run(std::string_view tail, const Values&... values) const {
    Result<std::optional<Run>> found;
    const std::string sql = fmt::format("SELECT {} FROM run {}", columns_of<Run>().list(), tail);
    const auto read = [&](Row& row) { read_columns(row, found->emplace()); };
    if (auto done = database_.query(sql, read, values...); !done) found = tl::unexpected(std::move(done.error()));
    return found;
}

Result<std::optional<Run>> SqliteStore::by_key(const JobName& job, const FireKey& key) const {
    return select_run("WHERE job = ?1 AND key = ?2", job, key);
}

Result<std::optional<Run>> SqliteStore::by_id(RunId id) const { return select_run("WHERE id = ?1", id); }

Result<std::optional<Run>> SqliteStore::spanning(const JobName& job, Instant fire) const {
    return select_run("WHERE job = ?1 AND fires > 1 AND fire <= ?2 AND last_fire >= ?2 ORDER BY fire DESC LIMIT 1", job,
                      fire);
}

Result<std::optional<JobRecord>> SqliteStore::record_of(const JobName& job) const {
    static const std::string sql = fmt::format("SELECT {} FROM job WHERE job = ?1", columns_of<JobRecord>().list());
    std::optional<JobRecord> found;
    const auto read = [&](Row& row) { read_columns(row, found.emplace()); };
    return database_.query(sql, read, job).map([&] { return std::move(found); });
}

Result<std::vector<Run>> SqliteStore::by_date(const JobName& job, Date logical_date) const {
    // Without INDEXED BY, SQLite reads all runs of the job in the order of their fires.
    return select_runs("INDEXED BY run_by_date WHERE logical_date = ?1 AND job = ?2 ORDER BY fire, id", logical_date,
                       job);
}

Result<std::optional<Run>> SqliteStore::newest_before(const JobName& job, Date date, Instant fire_before) const {
    const auto id = store::newest_before(database_, job, date, fire_before);
    if (!id) return tl::unexpected(id.error());
    return *id ? by_id(**id) : Result<std::optional<Run>>();
}

Result<std::vector<Run>> SqliteStore::upstream_failed_after(const JobName& job, Date date) const {
    auto found = select_runs(near_upstream_failed_after, job, date);
    if (!found) return found;
    auto far = select_runs(far_upstream_failed_after, job, date);
    if (!far) return far;
    std::move(far->begin(), far->end(), std::back_inserter(*found));
    std::sort(found->begin(), found->end(), [](const Run& a, const Run& b) {
        return std::tuple{a.logical_date, a.fire, a.id} < std::tuple{b.logical_date, b.fire, b.id};
    });
    return found;
}

Result<std::vector<Alert>> SqliteStore::alerts(AlertsAsked asked) const {
    const std::string sql = fmt::format("SELECT {} FROM alert {} ORDER BY opened, run", columns_of<Alert>().list(),
                                        asked == AlertsAsked::all ? "" : "WHERE closed IS NULL");
    std::vector<Alert> found;
    const auto read = [&](Row& row) { read_columns(row, found.emplace_back()); };
    return database_.query(sql, read).map([&] { return std::move(found); });
}

Result<Recovered> SqliteStore::recover() const {
    Recovered all;
    auto unfinished = select_runs(
        "WHERE state IN ('scheduled', 'waiting', 'queued', 'running', 'retrying') "
        "AND state <> 'success' ORDER BY id");
    if (!unfinished) return tl::unexpected(unfinished.error());
    all.unfinished = std::move(*unfinished);
    auto owed = select_runs(
        "WHERE deadline IS NOT NULL AND state NOT IN ('scheduled', 'waiting', 'queued', 'running', 'retrying')");
    if (!owed) return tl::unexpected(owed.error());
    all.owed = std::move(*owed);
    auto clearing = select_runs("INDEXED BY run_clearing WHERE clearing <> 0");
    if (!clearing) return tl::unexpected(clearing.error());
    all.clearing = std::move(*clearing);
    static const std::string select_jobs =
        fmt::format("SELECT {} FROM job ORDER BY job", columns_of<JobRecord>().list());
    auto jobs = database_.query(select_jobs, [&](Row& row) { read_columns(row, all.jobs.emplace_back()); });
    if (!jobs) return tl::unexpected(jobs.error());
    auto open = alerts(AlertsAsked::open);
    if (!open) return tl::unexpected(open.error());
    all.alerts = std::move(*open);
    auto meta = database_.query(
        "SELECT planned_through, last_run, last_notice, last_batch, coverage_told, boot_id, ledger FROM meta",
        [&](Row& row) {
            row.read(all.planned_through, all.last_run, all.last_notice, all.last_batch, all.coverage_told, all.boot_id,
                     all.ledger);
        });
    if (!meta) return tl::unexpected(meta.error());
    return all;
}

Result<std::vector<Run>> SqliteStore::runs(const RunFilter& filter) const {
    std::string jobs;
    if (filter.jobs.size() == 1) jobs = filter.jobs.front();
    if (filter.jobs.size() > 1) jobs = json_list(filter.jobs);
    const std::vector<std::string> parts = filter_sql(filter);
    std::vector<Run> all;
    for (const std::string& part : parts) {
        const auto& [from, to, state] = std::tie(filter.from, filter.to, filter.state);
        auto found = filter.before ? select_runs(part, jobs, from, to, state, bounded(filter.limit),
                                                 filter.before->first, filter.before->second)
                                   : select_runs(part, jobs, from, to, state, bounded(filter.limit));
        if (!found) return found;
        std::move(found->begin(), found->end(), std::back_inserter(all));
    }
    if (parts.size() == 1) return all;
    std::sort(all.begin(), all.end(), [](const Run& a, const Run& b) {
        return std::pair{a.fire, a.id} > std::pair{b.fire, b.id};
    });
    if (all.size() > filter.limit) all.resize(filter.limit);
    return all;
}

Result<std::vector<Attempt>> SqliteStore::attempts(RunId run) const {
    static const std::string sql =
        fmt::format("SELECT {} FROM attempt WHERE run = ?1 ORDER BY number", columns_of<Attempt>().list());
    std::vector<Attempt> found;
    const auto read = [&](Row& row) { read_columns(row, found.emplace_back()); };
    return database_.query(sql, read, run).map([&] { return std::move(found); });
}

Result<std::map<RunId, int>> SqliteStore::begun(RunId from, RunId to) const {
    std::map<RunId, int> found;
    const auto read = [&](Row& row) {
        std::pair<RunId, int> one;
        row.read(one.first, one.second);
        found.insert(one);
    };
    return database_.query("SELECT id, attempt FROM run WHERE id BETWEEN ?1 AND ?2", read, from, to).map([&] {
        return std::move(found);
    });
}

Result<std::optional<OutputSeal>> SqliteStore::output_seal(AttemptName attempt) const {
    std::optional<OutputSeal> found;
    return database_
        .query(
            "SELECT output_sha256, output_bytes FROM attempt "
            "WHERE run = ?1 AND number = ?2 AND output_sha256 IS NOT NULL",
            [&](Row& row) {
                OutputSeal& seal = found.emplace();
                row.read(seal.sha256, seal.bytes);
            },
            attempt.run, attempt.number)
        .map([&] { return std::move(found); });
}

Result<std::vector<AttemptName>> SqliteStore::unsealed(std::size_t limit) const {
    std::vector<AttemptName> found;
    return database_
        .query(
            "SELECT run, number FROM attempt WHERE output_sha256 IS NULL ORDER BY run, number LIMIT ?1",
            [&](Row& row) {
                AttemptName& name = found.emplace_back();
                row.read(name.run, name.number);
            },
            static_cast<std::int64_t>(std::min<std::size_t>(limit, INT64_MAX)))
        .map([&] { return std::move(found); });
}

Result<void> SqliteStore::keep_seal(AttemptName attempt, const OutputSeal& seal) {
    return database_.run("UPDATE attempt SET output_sha256 = ?3, output_bytes = ?4 WHERE run = ?1 AND number = ?2",
                         attempt.run, attempt.number, seal.sha256, seal.bytes);
}

}  // namespace mc::store
