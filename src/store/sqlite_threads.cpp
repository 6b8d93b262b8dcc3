// sqlite_threads.cpp — the Slack threads of alerts, in the SQLite file.
#include <fmt/format.h>

#include "store/rows.h"
#include "store/sqlite_store.h"

namespace mc::store {

Result<std::optional<SlackThread>> SqliteStore::thread(std::string_view target, RunId alert) const {
    static const std::string sql =
        fmt::format("SELECT {} FROM slack_thread WHERE alert = ?1 AND target = ?2", columns_of<SlackThread>().list());
    std::optional<SlackThread> found;
    return database_
        .query(
            sql, [&](Row& row) { read_columns(row, found.emplace()); }, alert, target)
        .map([&] { return std::move(found); });
}

Result<std::vector<std::pair<SlackThread, Alert>>> SqliteStore::closed_threads() const {
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

Result<void> SqliteStore::keep_thread(const SlackThread& thread) {
    static const std::string sql = insert_into<SlackThread>("INSERT OR REPLACE INTO slack_thread");
    return run_with(database_, sql, thread);
}

Result<void> SqliteStore::drop_thread(std::string_view target, RunId alert) {
    return database_.run("DELETE FROM slack_thread WHERE alert = ?1 AND target = ?2", alert, target);
}

}  // namespace mc::store
