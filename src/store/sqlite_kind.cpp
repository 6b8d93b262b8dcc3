// sqlite_kind.cpp — the kind of store that is an SQLite file: opens it, or says why it cannot be used.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "store/ledger_file.h"
#include "store/schema.h"
#include "store/sqlite_store.h"
#include "store/store_kinds.h"

namespace mc::store {

namespace {

Result<Database> open_to_read(const std::string& path) {
    if (auto there = require_ledger(path); !there) return tl::unexpected(there.error());
    auto database = Database::open(path, Database::Access::read_only);
    if (!database) return database;
    if (auto done = require_current(*database); !done) return tl::unexpected(done.error());
    return database;
}

// 8 MB of cache hold the pages that are used when 1,000 jobs fire at one instant, in a ledger of several years.
constexpr const char* settings = R"sql(
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA journal_size_limit = 67108864;
PRAGMA cache_size = -8000;
)sql";

Result<Database> open_to_write(const std::string& path) {
    if (auto there = find_or_create_ledger(path); !there) return tl::unexpected(there.error());
    auto database = Database::open(path, Database::Access::read_write);
    if (!database) return database;
    // migrate() comes first: it refuses a file of another program or of a newer version before anything in it changes,
    // even its journal mode. And a new file gets its tables before WAL is on, so that they are in the file itself when
    // the mark is written.
    Result<void> done = migrate(*database);
    if (done) done = database->script(settings);
    if (done) done = mark_ledger(path);
    if (!done) return tl::unexpected(done.error());
    return database;
}

Result<std::unique_ptr<Store>> open(const std::string& path, OpenMode mode) {
    auto database = mode == OpenMode::read_only ? open_to_read(path) : open_to_write(path);
    if (!database) return tl::unexpected(database.error());
    return std::make_unique<SqliteStore>(std::move(*database));
}

// The mark counts too: it shows that there was a file, even if the file is gone.
Result<bool> was_made(const std::string& path) {
    for (const std::string& file : {path, mark_path(path)}) {
        std::error_code error;
        if (std::filesystem::exists(file, error)) return true;
        if (error && error != std::errc::no_such_file_or_directory)
            return fail(Error::Kind::store, fmt::format("cannot check {}: {}", file, error.message()),
                        "run the command as root or as the daemon's user");
    }
    return false;
}

bool is_closed(const std::string& path) { return ::access(path.c_str(), R_OK) != 0 && errno == EACCES; }

bool is_unusable(const std::string& path, const Error& refusal) {
    if (refusal.kind == Error::Kind::damaged) return true;
    if (refusal.kind != Error::Kind::store) return false;
    if (is_lost(path)) return true;
    auto database = Database::open(path, Database::Access::read_only);
    if (!database) return false;
    const auto foreign = is_foreign(*database);
    return foreign && *foreign;
}

}  // namespace

StoreKind sqlite_kind() { return {"", open, was_made, is_closed, is_unusable}; }

}  // namespace mc::store
