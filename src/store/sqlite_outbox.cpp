// sqlite_outbox.cpp — the messages that are to be sent, and the threads that Slack's bot keeps of alerts.
#include <fmt/format.h>

#include "store/notice_json.h"
#include "store/rows.h"
#include "store/sqlite_run_store.h"

namespace mc::store {

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
            if (bodies) bodies = read_notice_body(body, notice);
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
        alert_columns);
    std::vector<std::pair<SlackThread, Alert>> found;
    const auto read = [&](Row& row) {
        auto& [thread, alert] = found.emplace_back();
        with_alert_fields(alert, [&, &of = thread](auto&... fields) {
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

}  // namespace mc::store
