// The ledger in a SQLite file: WAL, synchronous=FULL, one transaction a batch.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <tuple>
#include <utility>

#include "store/filter_sql.h"
#include "store/ledger_file.h"
#include "store/newest_before.h"
#include "store/notice_json.h"
#include "store/rows.h"
#include "store/run_store.h"
#include "store/schema.h"
#include "store/sqlite.h"

namespace mc {
namespace {

using store::bounded;
using store::Database;
using store::Row;
using store::Transaction;

class SqliteRunStore final : public RunStore {
   public:
    explicit SqliteRunStore(Database database) : database_(std::move(database)) {}

    Result<void> commit(const Batch& batch) override;
    Result<Recovered> recover() const override;
    Result<std::vector<Run>> runs(const RunFilter& filter) const override;
    Result<std::vector<Attempt>> attempts(RunId run) const override;
    Result<std::map<RunId, int>> begun(RunId from, RunId to) const override;
    Result<std::optional<OutputSeal>> output_seal(AttemptName attempt) const override;
    Result<std::vector<AttemptName>> unsealed(std::size_t limit) const override;
    Result<void> keep_seal(AttemptName attempt, const OutputSeal& seal) override;
    Result<std::vector<Alert>> alerts(bool closed_too) const override;
    Result<std::vector<OutboxRow>> pending(std::size_t limit) const override;
    Result<void> delivered(const std::vector<std::int64_t>& ids, Instant at) override;
    Result<void> try_later(const std::vector<std::int64_t>& ids, Instant when, std::string_view error) override;
    Result<void> given_up(const std::vector<std::int64_t>& ids, Instant at, std::string_view error) override;
    Result<std::optional<SlackThread>> thread(std::string_view target, RunId alert) const override;
    Result<std::vector<std::pair<SlackThread, Alert>>> closed_threads() const override;
    Result<void> keep_thread(const SlackThread& thread) override;
    Result<void> drop_thread(std::string_view target, RunId alert) override;
    Result<void> remember_boot(std::string_view boot_id) override;
    Result<std::vector<RunId>> prune(Instant older_than, std::size_t limit) override;

    std::optional<Run> by_key(std::string_view job, std::string_view key) const override;
    std::optional<Run> by_id(RunId id) const override;
    std::optional<Run> spanning(std::string_view job, Instant fire) const override;
    std::optional<JobRecord> record_of(std::string_view job) const override;
    std::vector<Run> by_date(std::string_view job, Date logical_date) const override;
    std::optional<Run> newest_before(std::string_view job, Date date, Instant fire_before) const override;
    std::vector<Run> upstream_failed_after(std::string_view job, Date date) const override;

   private:
    Result<void> write(const Batch& batch);
    Result<void> insert(const Run& run);
    Result<void> update(const Run& run);
    Result<void> write_jobs(const Batch& batch);
    Result<void> write_alerts(const Batch& batch);
    Result<void> write_notices(const Batch& batch);
    Result<void> write_meta(const Batch& batch);
    Result<void> end_notices(const std::vector<std::int64_t>& ids, std::string_view status, Instant at,
                             std::string_view error);
    template <class... Values>
    Result<std::vector<Run>> select_runs(std::string_view tail, const Values&... values) const;
    template <class... Values>
    std::vector<Run> ask(std::string_view tail, const Values&... values) const;

    mutable Database database_;
    // The engine's questions cannot fail in their own type. One that could not be answered makes the
    // next commit fail instead, so that nothing is written that was decided without the past.
    mutable std::optional<Error> unanswered_;
};

// ---- writing

Result<void> SqliteRunStore::commit(const Batch& batch) {
    if (unanswered_) {
        Error error = *std::exchange(unanswered_, std::nullopt);
        return tl::unexpected(std::move(error));
    }
    if (batch.empty()) return {};
    auto transaction = Transaction::begin(database_);
    if (!transaction) return tl::unexpected(transaction.error());
    if (auto done = write(batch); !done) return done;
    return transaction->commit();
}

Result<void> SqliteRunStore::write(const Batch& batch) {
    for (const Run& run : batch.inserted)
        if (auto done = insert(run); !done) return done;
    for (const Run& run : batch.updated)
        if (auto done = update(run); !done) return done;
    static const std::string put_attempt = fmt::format(
        "INSERT OR REPLACE INTO attempt ({}, output_sha256) VALUES (?,?,?,?,?,?,?,?,?,?,NULL)", store::attempt_columns);
    for (const Attempt& attempt : batch.attempts) {
        Result<void> done;
        store::with_attempt_fields(attempt,
                                   [&](const auto&... fields) { done = database_.run(put_attempt, fields...); });
        if (!done) return done;
    }
    if (auto done = write_jobs(batch); !done) return done;
    if (auto done = write_alerts(batch); !done) return done;
    if (auto done = write_notices(batch); !done) return done;
    return write_meta(batch);
}

Result<void> SqliteRunStore::insert(const Run& run) {
    static const std::string sql = fmt::format(
        "INSERT INTO run ({}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        store::run_columns);
    Result<void> done;
    store::with_run_fields(run, [&](const auto&... fields) { done = database_.run(sql, fields...); });
    if (!done && database_.constraint_failed())
        return fail(Error::Kind::store,
                    fmt::format("the ledger already has run {} of job {} for {}", run.id, run.job, run.key));
    return done;
}

Result<void> SqliteRunStore::update(const Run& run) {
    // The same numbers as in the INSERT: a run's id, job and key (?1 to ?3) never change. Its fire and
    // logical date (?4, ?5) hardly ever do, and what is not set costs no index anything.
    static const std::string rest =
        "session=?6, origin=?7, state=?8, reason=?9, detail=?10, attempt=?11, attempts_before=?12, "
        "started=?13, finished=?14, exit_code=?15, signal=?16, max_rss_bytes=?17, cpu_seconds=?18, "
        "fires=?19, last_fire=?20, not_before=?21, not_after=?22, deadline=?23, timeout_up=?24, "
        "kill_up=?25, ending=?26, batch=?27, batch_width=?28, forced=?29, generation=?30, user=?31, "
        "past_gates=?32, assume_upstream=?33, clearing=?34, sensing_since=?35, start_only=?36, alert=?37, since=?38, "
        "title=?39 "
        "WHERE id=?1 AND job=?2 AND key=?3";
    static const std::string in_place = "UPDATE run SET " + rest + " AND fire=?4 AND logical_date=?5";
    static const std::string moved = "UPDATE run SET fire=?4, logical_date=?5, " + rest;
    for (const std::string& sql : {std::cref(in_place), std::cref(moved)}) {
        Result<void> done;
        store::with_run_fields(run, [&](const auto&... fields) { done = database_.run(sql, fields...); });
        if (!done || database_.changed_rows() == 1) return done;
    }
    return fail(Error::Kind::store, fmt::format("the ledger has no run {} of job {} for {}", run.id, run.job, run.key));
}

Result<void> SqliteRunStore::write_jobs(const Batch& batch) {
    static const std::string put_job =
        fmt::format("INSERT OR REPLACE INTO job ({}) VALUES (?,?,?,?,?,?,?,?,?,?)", store::job_columns);
    for (const JobRecord& record : batch.jobs) {
        Result<void> done;
        store::with_job_fields(record, [&](const auto&... fields) { done = database_.run(put_job, fields...); });
        if (!done) return done;
    }
    for (const std::string& job : batch.removed_jobs)
        if (auto done = database_.run("DELETE FROM job WHERE job = ?1", job); !done) return done;
    return {};
}

Result<void> SqliteRunStore::write_alerts(const Batch& batch) {
    static const std::string put_alert =
        fmt::format("INSERT OR REPLACE INTO alert ({}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", store::alert_columns);
    for (const Alert& alert : batch.alerts) {
        Result<void> done;
        store::with_alert_fields(alert, [&](const auto&... fields) { done = database_.run(put_alert, fields...); });
        if (!done) return done;
    }
    return {};
}

Result<void> SqliteRunStore::write_notices(const Batch& batch) {
    for (const RunId run : batch.cancelled_actions) {
        auto done = database_.run(
            "UPDATE outbox SET status = 'cancelled' WHERE run = ?1 AND is_action "
            "AND status = 'pending'",
            run);
        if (!done) return done;
    }
    for (const Notice& notice : batch.notices) {
        const std::string body = store::notice_body(notice);
        auto done = database_.run(
            "INSERT INTO outbox (id, target, job, run, kind, created, is_action, body) "
            "VALUES (?,?,?,?,?,?,?,?)",
            notice.id, notice.target, notice.job, notice.run, notice.kind, notice.created, notice.is_action, body);
        if (!done && database_.constraint_failed())
            return fail(Error::Kind::store, fmt::format("the ledger already has notice {}", notice.id));
        if (!done) return done;
    }
    return {};
}

Result<void> SqliteRunStore::write_meta(const Batch& batch) {
    RunId last_run = 0;
    std::int64_t last_batch = 0, last_notice = 0;
    for (const Run& run : batch.inserted) {
        last_run = std::max(last_run, run.id);
        last_batch = std::max(last_batch, run.batch);
    }
    for (const Run& run : batch.updated) last_batch = std::max({last_batch, run.batch, run.clearing});
    for (const Notice& notice : batch.notices) last_notice = std::max(last_notice, notice.id);
    if (batch.planned_through || batch.coverage_told || last_run != 0 || last_notice != 0 || last_batch != 0) {
        auto done = database_.run(
            "UPDATE meta SET planned_through = coalesce(?1, planned_through), "
            "last_run = max(last_run, ?2), last_notice = max(last_notice, ?3), "
            "last_batch = max(last_batch, ?4), coverage_told = coalesce(?5, coverage_told)",
            batch.planned_through, last_run, last_notice, last_batch, batch.coverage_told);
        if (!done) return done;
    }
    if (batch.operator_note.empty()) return {};
    return database_.run("INSERT INTO operation (planned_through, note) SELECT planned_through, ?1 FROM meta",
                         batch.operator_note);
}

Result<std::optional<SlackThread>> SqliteRunStore::thread(std::string_view target, RunId alert) const {
    std::optional<SlackThread> found;
    const auto read = [&](Row& row) {
        SlackThread& thread = found.emplace();
        row.read(thread.target, thread.alert, thread.channel, thread.ts, thread.body, thread.configured);
    };
    return database_
        .query("SELECT target, alert, channel, ts, body, configured FROM slack_thread WHERE alert = ?1 AND target = ?2",
               read, alert, target)
        .map([&] { return std::move(found); });
}

Result<std::vector<std::pair<SlackThread, Alert>>> SqliteRunStore::closed_threads() const {
    static const std::string sql = fmt::format(
        "SELECT target, slack_thread.alert, channel, ts, body, configured, {} "
        "FROM slack_thread JOIN alert ON run = slack_thread.alert "
        "WHERE closed IS NOT NULL AND job NOT IN (SELECT job FROM outbox WHERE status = 'pending') ORDER BY run, "
        "target",
        store::alert_columns);
    std::vector<std::pair<SlackThread, Alert>> found;
    const auto read = [&](Row& row) {
        auto& [thread, alert] = found.emplace_back();
        store::with_alert_fields(alert, [&, &of = thread](auto&... fields) {
            row.read(of.target, of.alert, of.channel, of.ts, of.body, of.configured, fields...);
        });
    };
    return database_.query(sql, read).map([&] { return std::move(found); });
}

Result<void> SqliteRunStore::keep_thread(const SlackThread& thread) {
    return database_.run(
        "INSERT OR REPLACE INTO slack_thread (target, alert, channel, ts, body, configured) VALUES (?,?,?,?,?,?)",
        thread.target, thread.alert, thread.channel, thread.ts, thread.body, thread.configured);
}

Result<void> SqliteRunStore::drop_thread(std::string_view target, RunId alert) {
    return database_.run("DELETE FROM slack_thread WHERE alert = ?1 AND target = ?2", alert, target);
}

Result<void> SqliteRunStore::remember_boot(std::string_view boot_id) {
    return database_.run("UPDATE meta SET boot_id = ?1 WHERE boot_id <> ?1", boot_id);
}

Result<std::vector<RunId>> SqliteRunStore::prune(Instant older_than, std::size_t limit) {
    std::vector<RunId> old;
    auto transaction = Transaction::begin(database_);
    if (!transaction) return tl::unexpected(transaction.error());
    auto found = database_.query(
        "SELECT id FROM run WHERE fire < ?1 AND coalesce(finished, fire) < ?1 AND state NOT IN "
        "('scheduled', 'waiting', 'queued', 'running', 'retrying') AND clearing = 0 "
        "AND id NOT IN (SELECT run FROM alert INDEXED BY alert_open WHERE closed IS NULL) ORDER BY fire, id LIMIT ?2",
        [&](Row& row) { row.read(old.emplace_back()); }, older_than, bounded(limit));
    if (!found) return tl::unexpected(found.error());
    auto told =
        database_.run("DELETE FROM outbox WHERE run IS NULL AND status <> 'pending' AND created < ?1", older_than);
    if (!told) return tl::unexpected(told.error());
    for (const RunId id : old) {
        auto done = database_.run("DELETE FROM outbox WHERE run = ?1 AND status <> 'pending'", id);
        if (done) done = database_.run("DELETE FROM run WHERE id = ?1", id);
        if (!done) return tl::unexpected(done.error());
    }
    if (auto done = transaction->commit(); !done) return tl::unexpected(done.error());
    return old;
}

// ---- reading

template <class... Values>
Result<std::vector<Run>> SqliteRunStore::select_runs(std::string_view tail, const Values&... values) const {
    std::vector<Run> found;
    const std::string sql = fmt::format("SELECT {} FROM run {}", store::run_columns, tail);
    const auto read = [&](Row& row) {
        store::with_run_fields(found.emplace_back(), [&](auto&... fields) { row.read(fields...); });
    };
    return database_.query(sql, read, values...).map([&] { return std::move(found); });
}

template <class... Values>
std::vector<Run> SqliteRunStore::ask(std::string_view tail, const Values&... values) const {
    auto found = select_runs(tail, values...);
    if (found) return std::move(*found);
    unanswered_ = found.error();
    return {};
}

std::optional<Run> SqliteRunStore::by_key(std::string_view job, std::string_view key) const {
    auto found = ask("WHERE job = ?1 AND key = ?2", job, key);
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

std::optional<Run> SqliteRunStore::by_id(RunId id) const {
    auto found = ask("WHERE id = ?1", id);
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

std::optional<Run> SqliteRunStore::spanning(std::string_view job, Instant fire) const {
    auto rows =
        ask("WHERE job = ?1 AND fires > 1 AND fire <= ?2 AND last_fire >= ?2 ORDER BY fire DESC LIMIT 1", job, fire);
    return rows.empty() ? std::nullopt : std::optional(std::move(rows.front()));
}

std::optional<JobRecord> SqliteRunStore::record_of(std::string_view job) const {
    static const std::string sql = fmt::format("SELECT {} FROM job WHERE job = ?1", store::job_columns);
    std::optional<JobRecord> found;
    const auto read = [&](Row& row) {
        store::with_job_fields(found.emplace(), [&](auto&... fields) { row.read(fields...); });
    };
    (void)database_.query(sql, read, job);
    return found;
}

std::vector<Run> SqliteRunStore::by_date(std::string_view job, Date logical_date) const {
    // Without the hint it goes by the order of the fires, through all runs of the job.
    return ask("INDEXED BY run_by_date WHERE logical_date = ?1 AND job = ?2 ORDER BY fire, id", logical_date, job);
}

std::optional<Run> SqliteRunStore::newest_before(std::string_view job, Date date, Instant fire_before) const {
    const auto id = store::newest_before(database_, job, date, fire_before);
    if (!id) unanswered_ = id.error();
    return id && *id ? by_id(**id) : std::nullopt;
}

std::vector<Run> SqliteRunStore::upstream_failed_after(std::string_view job, Date date) const {
    auto found = ask(store::near_upstream_failed_after, job, date);
    auto far = ask(store::far_upstream_failed_after, job, date);
    std::move(far.begin(), far.end(), std::back_inserter(found));
    std::sort(found.begin(), found.end(), [](const Run& a, const Run& b) {
        return std::tuple{a.logical_date, a.fire, a.id} < std::tuple{b.logical_date, b.fire, b.id};
    });
    return found;
}

Result<std::vector<Alert>> SqliteRunStore::alerts(bool closed_too) const {
    const std::string sql = fmt::format("SELECT {} FROM alert {} ORDER BY opened, run", store::alert_columns,
                                        closed_too ? "" : "WHERE closed IS NULL");
    std::vector<Alert> found;
    const auto read = [&](Row& row) {
        store::with_alert_fields(found.emplace_back(), [&](auto&... fields) { row.read(fields...); });
    };
    return database_.query(sql, read).map([&] { return std::move(found); });
}

Result<Recovered> SqliteRunStore::recover() const {
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
    static const std::string select_jobs = fmt::format("SELECT {} FROM job ORDER BY job", store::job_columns);
    auto jobs = database_.query(select_jobs, [&](Row& row) {
        store::with_job_fields(all.jobs.emplace_back(), [&](auto&... fields) { row.read(fields...); });
    });
    if (!jobs) return tl::unexpected(jobs.error());
    auto open = alerts(false);
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

Result<std::vector<Run>> SqliteRunStore::runs(const RunFilter& filter) const {
    std::string jobs;
    if (filter.jobs.size() == 1) jobs = filter.jobs.front();
    if (filter.jobs.size() > 1) jobs = store::json_list(filter.jobs);
    const std::vector<std::string> parts = store::filter_sql(filter);
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

Result<std::vector<Attempt>> SqliteRunStore::attempts(RunId run) const {
    static const std::string sql =
        fmt::format("SELECT {} FROM attempt WHERE run = ?1 ORDER BY number", store::attempt_columns);
    std::vector<Attempt> found;
    const auto read = [&](Row& row) {
        store::with_attempt_fields(found.emplace_back(), [&](auto&... fields) { row.read(fields...); });
    };
    return database_.query(sql, read, run).map([&] { return std::move(found); });
}

Result<std::map<RunId, int>> SqliteRunStore::begun(RunId from, RunId to) const {
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

Result<std::optional<OutputSeal>> SqliteRunStore::output_seal(AttemptName attempt) const {
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

Result<std::vector<AttemptName>> SqliteRunStore::unsealed(std::size_t limit) const {
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

Result<void> SqliteRunStore::keep_seal(AttemptName attempt, const OutputSeal& seal) {
    return database_.run("UPDATE attempt SET output_sha256 = ?3, output_bytes = ?4 WHERE run = ?1 AND number = ?2",
                         attempt.run, attempt.number, seal.sha256, seal.bytes);
}

// ---- outbox

Result<std::vector<OutboxRow>> SqliteRunStore::pending(std::size_t limit) const {
    std::vector<OutboxRow> rows;
    Result<void> bodies;
    auto found = database_.query(
        "SELECT id, target, job, run, kind, created, is_action, tries, next_try, last_error, body "
        "FROM outbox "
        "WHERE status = 'pending' ORDER BY id LIMIT ?1",
        [&](Row& columns) {
            OutboxRow& row = rows.emplace_back();
            Notice& notice = row.notice;
            std::string body;
            columns.read(notice.id, notice.target, notice.job, notice.run, notice.kind, notice.created,
                         notice.is_action, row.tries, row.next_try, row.last_error, body);
            if (bodies) bodies = store::read_notice_body(body, notice);
        },
        bounded(limit));
    if (!found) return tl::unexpected(found.error());
    if (!bodies) return tl::unexpected(bodies.error());
    return rows;
}

Result<void> SqliteRunStore::end_notices(const std::vector<std::int64_t>& ids, std::string_view status, Instant at,
                                         std::string_view error) {
    auto transaction = Transaction::begin(database_);
    if (!transaction) return tl::unexpected(transaction.error());
    for (const std::int64_t id : ids) {
        auto done = database_.run(
            "UPDATE outbox SET status = ?2, ended = ?3, last_error = ?4, tries = tries + 1, "
            "next_try = NULL WHERE id = ?1 AND status = 'pending'",
            id, status, at, error);
        if (!done) return done;
    }
    return transaction->commit();
}

Result<void> SqliteRunStore::delivered(const std::vector<std::int64_t>& ids, Instant at) {
    return end_notices(ids, "delivered", at, "");
}

Result<void> SqliteRunStore::given_up(const std::vector<std::int64_t>& ids, Instant at, std::string_view error) {
    return end_notices(ids, "given_up", at, error);
}

Result<void> SqliteRunStore::try_later(const std::vector<std::int64_t>& ids, Instant when, std::string_view error) {
    auto transaction = Transaction::begin(database_);
    if (!transaction) return tl::unexpected(transaction.error());
    for (const std::int64_t id : ids) {
        auto done = database_.run(
            "UPDATE outbox SET tries = tries + 1, next_try = ?2, last_error = ?3 "
            "WHERE id = ?1 AND status = 'pending'",
            id, when, error);
        if (!done) return done;
    }
    return transaction->commit();
}

// ---- opening

Result<Database> open_to_read(const std::string& path) {
    if (auto there = store::require_ledger(path); !there) return tl::unexpected(there.error());
    auto database = Database::open(path, Database::Access::read_only);
    if (!database) return database;
    if (auto done = store::require_current(*database); !done) return tl::unexpected(done.error());
    return database;
}

// The cache holds the pages that a thousand fires of one instant touch in a ledger of some years.
constexpr const char* settings = R"sql(
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA journal_size_limit = 67108864;
PRAGMA cache_size = -8000;
)sql";

Result<Database> open_to_write(const std::string& path) {
    if (auto there = store::find_or_create_ledger(path); !there) return tl::unexpected(there.error());
    auto database = Database::open(path, Database::Access::read_write);
    if (!database) return database;
    // A foreign or newer file is refused before anything in it changes, its journal mode included. A new
    // one gets its tables before it gets a WAL, so they are in the file itself when its mark is set.
    Result<void> done = store::migrate(*database);
    if (done) done = database->script(settings);
    if (done) done = store::mark_ledger(path);
    if (!done) return tl::unexpected(done.error());
    return database;
}

}  // namespace

Result<std::unique_ptr<RunStore>> open_sqlite_store(const std::string& path, OpenMode mode) {
    auto database = mode == OpenMode::read_only ? open_to_read(path) : open_to_write(path);
    if (!database) return tl::unexpected(database.error());
    return std::make_unique<SqliteRunStore>(std::move(*database));
}

}  // namespace mc
