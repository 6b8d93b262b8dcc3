// sqlite_write.cpp — how a batch gets into the ledger, and what is old out of it.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "store/notice_json.h"
#include "store/rows.h"
#include "store/sqlite_run_store.h"

namespace mc::store {

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
        "INSERT OR REPLACE INTO attempt ({}, output_sha256) VALUES (?,?,?,?,?,?,?,?,?,?,NULL)", attempt_columns);
    for (const Attempt& attempt : batch.attempts) {
        Result<void> done;
        with_attempt_fields(attempt, [&](const auto&... fields) { done = database_.run(put_attempt, fields...); });
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
        run_columns);
    Result<void> done;
    with_run_fields(run, [&](const auto&... fields) { done = database_.run(sql, fields...); });
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
        with_run_fields(run, [&](const auto&... fields) { done = database_.run(sql, fields...); });
        if (!done || database_.changed_rows() == 1) return done;
    }
    return fail(Error::Kind::store, fmt::format("the ledger has no run {} of job {} for {}", run.id, run.job, run.key));
}

Result<void> SqliteRunStore::write_jobs(const Batch& batch) {
    static const std::string put_job =
        fmt::format("INSERT OR REPLACE INTO job ({}) VALUES (?,?,?,?,?,?,?,?,?,?)", job_columns);
    for (const JobRecord& record : batch.jobs) {
        Result<void> done;
        with_job_fields(record, [&](const auto&... fields) { done = database_.run(put_job, fields...); });
        if (!done) return done;
    }
    for (const std::string& job : batch.removed_jobs)
        if (auto done = database_.run("DELETE FROM job WHERE job = ?1", job); !done) return done;
    return {};
}

Result<void> SqliteRunStore::write_alerts(const Batch& batch) {
    static const std::string put_alert =
        fmt::format("INSERT OR REPLACE INTO alert ({}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", alert_columns);
    for (const Alert& alert : batch.alerts) {
        Result<void> done;
        with_alert_fields(alert, [&](const auto&... fields) { done = database_.run(put_alert, fields...); });
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
        const std::string body = notice_body(notice);
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

}  // namespace mc::store
