#include "store/sqlite.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace mc::store {
namespace {

Error full(const std::string& path) {
    return {Error::Kind::store,
            fmt::format("no space is left for the ledger {}", path),
            fmt::format("free some on its disk (`df {}`); what was recorded is kept", path),
            {}};
}

// SQLite's error code as an Error with a hint. `cause` is the system's errno, or 0.
Error explain(int code, int cause, const char* message, const std::string& path) {
    const auto error = [](std::string what, std::string hint) {
        return Error{Error::Kind::store, std::move(what), std::move(hint), {}};
    };
    const std::string why = cause == 0 ? message : std::strerror(cause);
    switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return error(fmt::format("the ledger {} is locked by another process", path),
                         fmt::format("`fuser -v {}` shows that process; wait for it or end it", path));
        case SQLITE_READONLY:
            return error(fmt::format("the ledger {} cannot be written by user {}", path, geteuid()),
                         "give the file and its directory to the daemon's user, and check that their "
                         "disk is not mounted read-only");
        case SQLITE_FULL: return full(path);
        case SQLITE_IOERR:
            if (cause == ENOSPC || cause == EDQUOT || cause == EFBIG) return full(path);
            return error(fmt::format("the ledger {} could not be read or written: {}", path, why),
                         "look for a failing disk (`dmesg`); what was recorded before is kept");
        case SQLITE_CANTOPEN:
            return error(fmt::format("the ledger {} cannot be opened: {}", path, why),
                         "run the command as root or as the daemon's user: it must be able to write the ledger "
                         "and its directory");
        case SQLITE_NOTADB:
        case SQLITE_CORRUPT:
            return Error{Error::Kind::damaged,
                         fmt::format("the ledger {} is damaged: {}", path, message),
                         fmt::format("stop the daemon, then restore {0} from a backup, or, to start "
                                     "with an empty ledger, move {0}* away",
                                     path),
                         {}};
        default: return error(fmt::format("the ledger {}: {}", path, why), {});
    }
}

// ---- the shared memory of the ledger

// SQLite extends the file by one byte at the end of each 4096, and then writes through mapped memory. If the disk's
// blocks are smaller, the file has holes, and on a full disk the first write into a hole ends the process (SIGBUS). So
// the whole range is reserved: on a full disk this fails, and SQLite reports an error.
ssize_t write_reserved(int fd, const void* bytes, std::size_t size, off64_t at) {
    constexpr off64_t page = 4096;
    if (size == 1 && at % page == page - 1) {
        // Existing content stays. A file system that cannot reserve is written block by block.
        if (const int error = posix_fallocate64(fd, at + 1 - page, page); error != 0) {
            errno = error;
            return -1;
        }
    }
    return ::pwrite64(fd, bytes, size, at);
}

// For all files that SQLite opens; once per process.
bool reserve_shared_memory() {
    sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
    if (vfs == nullptr || vfs->iVersion < 3) return false;
    for (const char* name : {"pwrite64", "pwrite"})
        if (vfs->xGetSystemCall(vfs, name) != nullptr)
            vfs->xSetSystemCall(vfs, name, reinterpret_cast<sqlite3_syscall_ptr>(write_reserved));
    return true;
}

}  // namespace

// ---- values

void Binder::put(std::int64_t value) { sqlite3_bind_int64(statement_, next_++, value); }
void Binder::put(double value) { sqlite3_bind_double(statement_, next_++, value); }
void Binder::put_null() { sqlite3_bind_null(statement_, next_++); }
void Binder::put(std::string_view value) {
    // A null pointer would be NULL, not an empty text. The text outlives the statement's use.
    const char* data = value.data() == nullptr ? "" : value.data();
    sqlite3_bind_text64(statement_, next_++, data, value.size(), SQLITE_STATIC, SQLITE_UTF8);
}

std::int64_t Row::integer() { return sqlite3_column_int64(statement_, next_++); }
void Row::take(std::int64_t& value) { value = integer(); }
void Row::take(int& value) { value = static_cast<int>(integer()); }
void Row::take(bool& value) { value = integer() != 0; }
void Row::take(double& value) { value = sqlite3_column_double(statement_, next_++); }
void Row::take(std::string& value) {
    const int column = next_++;
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    const int bytes = sqlite3_column_bytes(statement_, column);
    value.assign(text == nullptr ? "" : text, static_cast<std::size_t>(bytes));
}

void Row::take(FireKey& value) {
    std::string text;
    take(text);
    value = FireKey(std::move(text));
}

// ---- the database

Result<Database> Database::open(const std::string& path, Access access) {
    const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                      (access == Access::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    static const bool reserved = reserve_shared_memory();
    check(reserved, "SQLite lets its system calls be replaced");
    Database database;
    database.path_ = path;
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
    database.handle_.reset(handle);
    if (code != SQLITE_OK) return database.last_error();
    // SQLite opens a file without write permission for reading, and reports that only at the first write.
    const bool reads_only = sqlite3_db_readonly(handle, "main") == 1;
    if (access == Access::read_write && reads_only) return tl::unexpected(explain(SQLITE_READONLY, 0, "", path));
    sqlite3_busy_timeout(handle, patience_ms);
    return database;
}

tl::unexpected<Error> Database::last_error() const {
    sqlite3* handle = handle_.get();
    return tl::unexpected(
        explain(sqlite3_extended_errcode(handle), sqlite3_system_errno(handle), sqlite3_errmsg(handle), path_));
}

tl::unexpected<Error> Database::unknown_word(const std::string& word) const {
    return fail(Error::Kind::store, fmt::format("the ledger {} has an unknown value: \"{}\"", path_, word),
                "it was written by a newer marketcron, or by hand");
}

Result<void> Database::script(const char* text) {
    if (sqlite3_exec(handle_.get(), text, nullptr, nullptr, nullptr) != SQLITE_OK) return last_error();
    return {};
}

Result<sqlite3_stmt*> Database::statement(std::string_view sql) {
    if (const auto known = statements_.find(sql); known != statements_.end()) return known->second.get();
    sqlite3_stmt* prepared = nullptr;
    const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
    if (code != SQLITE_OK) return last_error();
    statements_.emplace(sql, prepared);
    return prepared;
}

Result<bool> Database::step(sqlite3_stmt* statement) {
    switch (sqlite3_step(statement)) {
        case SQLITE_ROW: return true;
        case SQLITE_DONE: return false;
        default: return last_error();
    }
}

// ---- the transaction

Result<Transaction> Transaction::begin(Database& database) {
    if (auto begun = database.run("BEGIN IMMEDIATE"); !begun) return tl::unexpected(begun.error());
    return Transaction(database);
}

Transaction::~Transaction() {
    // After some errors SQLite has already rolled back.
    if (database_ != nullptr && database_->in_transaction()) (void)database_->run("ROLLBACK");
}

Result<void> Transaction::commit() { return database_->run("COMMIT"); }

}  // namespace mc::store
