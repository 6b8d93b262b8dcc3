// sqlite_outbox.cpp — the outbox in the SQLite file.
#include <fmt/format.h>

#include "store/rows.h"
#include "store/sqlite_store.h"

namespace mc::store {

Result<std::vector<OutboxRow>> SqliteStore::pending(std::size_t limit) const {
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

Result<void> SqliteStore::end_notices(const std::vector<std::int64_t>& ids, std::string_view status, Instant at,
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

Result<void> SqliteStore::delivered(const std::vector<std::int64_t>& ids, Instant at) {
    return end_notices(ids, "delivered", at, "");
}

Result<void> SqliteStore::given_up(const std::vector<std::int64_t>& ids, Instant at, std::string_view error) {
    return end_notices(ids, "given_up", at, error);
}

Result<void> SqliteStore::try_later(const std::vector<std::int64_t>& ids, Instant when, std::string_view error) {
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

}  // namespace mc::store
