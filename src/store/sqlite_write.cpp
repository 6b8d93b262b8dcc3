// sqlite_write.cpp — writes batches to the ledger, and removes old runs from it.
#include <fmt/format.h>

#include <algorithm>

#include "store/rows.h"
#include "store/sqlite_store.h"

namespace mc::store {

Result<void> SqliteStore::commit(const StepWrites& batch) {
    if (batch.empty()) return {};
    auto transaction = Transaction::begin(database_);
    if (!transaction) return tl::unexpected(transaction.error());
    if (auto done = write(batch); !done) return done;
    return transaction->commit();
}

Result<void> SqliteStore::write(const StepWrites& batch) {
    for (const Run& run : batch.inserted)
        if (auto done = insert(run); !done) return done;
    for (const Run& run : batch.updated)
        if (auto done = update(run); !done) return done;
    // Without a seal: if an attempt with that number already has a row, its seal is of another output.
    static const std::string put_attempt =
        fmt::format("INSERT OR REPLACE INTO attempt ({}, output_sha256) VALUES ({}, NULL)",
                    columns_of<Attempt>().list(), columns_of<Attempt>().values());
    for (const Attempt& attempt : batch.attempts)
        if (auto done = run_with(database_, put_attempt, attempt); !done) return done;
    if (auto done = write_jobs(batch); !done) return done;
    if (auto done = write_alerts(batch); !done) return done;
    if (auto done = write_notices(batch); !done) return done;
    return write_meta(batch);
}

Result<void> SqliteStore::insert(const Run& run) {
    static const std::string sql = insert_into<Run>("INSERT INTO run");
    auto done = run_with(database_, sql, run);
    if (!done && database_.constraint_failed())
        return fail(Error::Kind::store,
                    fmt::format("the ledger already has run {} of job {} for {}", run.id, run.job, run.key.text()));
    return done;
}

Result<void> SqliteStore::update(const Run& run) {
    // A run's id, job and key never change. Its fire and logical date rarely do, so the first statement does not set
    // them: SQLite then does not update their indexes.
    static const Columns& columns = columns_of<Run>();
    static const std::string rest = columns.equal_but({"id", "job", "key", "fire", "logical_date"}, ", ");
    static const std::string same_run = columns.equal({"id", "job", "key"}, " AND ");
    static const std::string in_place = fmt::format("UPDATE run SET {} WHERE {} AND {}", rest, same_run,
                                                    columns.equal({"fire", "logical_date"}, " AND "));
    static const std::string moved =
        fmt::format("UPDATE run SET {}, {} WHERE {}", columns.equal({"fire", "logical_date"}, ", "), rest, same_run);
    for (const std::string* sql : {&in_place, &moved}) {
        auto done = run_with(database_, *sql, run);
        if (!done || database_.changed_rows() == 1) return done;
    }
    return fail(Error::Kind::store,
                fmt::format("the ledger has no run {} of job {} for {}", run.id, run.job, run.key.text()));
}

Result<void> SqliteStore::write_jobs(const StepWrites& batch) {
    static const std::string put_job = insert_into<JobRecord>("INSERT OR REPLACE INTO job");
    for (const JobRecord& record : batch.jobs)
        if (auto done = run_with(database_, put_job, record); !done) return done;
    for (const JobName& job : batch.removed_jobs)
        if (auto done = database_.run("DELETE FROM job WHERE job = ?1", job); !done) return done;
    return {};
}

Result<void> SqliteStore::write_alerts(const StepWrites& batch) {
    static const std::string put_alert = insert_into<Alert>("INSERT OR REPLACE INTO alert");
    for (const Alert& alert : batch.alerts)
        if (auto done = run_with(database_, put_alert, alert); !done) return done;
    return {};
}

Result<void> SqliteStore::write_notices(const StepWrites& batch) {
    for (const RunId run : batch.cancelled_actions) {
        auto done = database_.run(
            "UPDATE outbox SET status = 'cancelled' WHERE run = ?1 AND is_action "
            "AND status = 'pending'",
            run);
        if (!done) return done;
    }
    static const std::string put_message = insert_into<StoredMessage>("INSERT INTO outbox");
    for (const Notice& notice : batch.notices) {
        auto done = run_with(database_, put_message, StoredMessage{{notice, 0, {}, {}}, notice_body(notice)});
        if (!done && database_.constraint_failed())
            return fail(Error::Kind::store, fmt::format("the ledger already has notice {}", notice.id));
        if (!done) return done;
    }
    return {};
}

Result<void> SqliteStore::write_meta(const StepWrites& batch) {
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

Result<void> SqliteStore::remember_boot(std::string_view boot_id) {
    return database_.run("UPDATE meta SET boot_id = ?1 WHERE boot_id <> ?1", boot_id);
}

Result<std::vector<RunId>> SqliteStore::prune(Instant older_than, std::size_t limit) {
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

}  // namespace mc::store
