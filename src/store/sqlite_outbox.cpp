// sqlite_outbox.cpp — the messages that are to be sent, and the threads that Slack's bot keeps of alerts.
#include <fmt/format.h>

#include "store/rows.h"
#include "store/sqlite_run_store.h"

namespace mc::store {

Result<std::vector<OutboxRow>> SqliteRunStore::pending(std::size_t limit) const {
    static const std::string sql = fmt::format("SELECT {} FROM outbox WHERE status = 'pending' ORDER BY id LIMIT ?1",
                                               columns_of<StoredMessage>().list());
    std::vector<OutboxRow> rows;
    Result<void> bodies;
    auto found = database_.query(
        sql,
        [&](Row& columns) {
            StoredMessage message;
            read_columns(columns, message);
            if (bodies) bodies = read_notice_body(message.body, message.row.notice);
            rows.push_back(std::move(message.row));
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
    static const std::string sql =
        fmt::format("SELECT {} FROM slack_thread WHERE alert = ?1 AND target = ?2", columns_of<SlackThread>().list());
    std::optional<SlackThread> found;
    return database_
        .query(
            sql, [&](Row& row) { read_columns(row, found.emplace()); }, alert, target)
        .map([&] { return std::move(found); });
}

Result<std::vector<std::pair<SlackThread, Alert>>> SqliteRunStore::closed_threads() const {
    static const std::string sql = fmt::format(
        "SELECT {}, {} FROM slack_thread JOIN alert ON alert.run = slack_thread.alert "
        "WHERE closed IS NOT NULL AND job NOT IN (SELECT job FROM outbox WHERE status = 'pending') "
        "ORDER BY run, target",
        columns_of<SlackThread>().list("slack_thread"), columns_of<Alert>().list("alert"));
    std::vector<std::pair<SlackThread, Alert>> found;
    const auto read = [&](Row& row) {
        auto& [thread, alert] = found.emplace_back();
        read_columns(row, thread);
        read_columns(row, alert);
    };
    return database_.query(sql, read).map([&] { return std::move(found); });
}

Result<void> SqliteRunStore::keep_thread(const SlackThread& thread) {
    static const std::string sql = insert_into<SlackThread>("INSERT OR REPLACE INTO slack_thread");
    return run_with(database_, sql, thread);
}

Result<void> SqliteRunStore::drop_thread(std::string_view target, RunId alert) {
    return database_.run("DELETE FROM slack_thread WHERE alert = ?1 AND target = ?2", alert, target);
}

}  // namespace mc::store
