// schema.h — the tables of the ledger, and the migration of older files.
//
// A file has `application_id` (which marks it as a ledger) and `user_version` (the number of its migrations).
// docs/ledger.md describes the tables for users who open a ledger with sqlite3.
#pragma once

#include "store/sqlite.h"

namespace mc::store {

inline constexpr std::int64_t ledger_application_id = 0x6d63726e;  // "mcrn"

// The version that this program reads and writes.
int current_version();

// An error unless the file is a ledger of exactly the current version.
Result<void> require_current(Database& database);

// Whether the file belongs to another program, or has a newer version. Error: store, if it cannot be read.
Result<bool> is_foreign(Database& database);

// Turns an empty file into a ledger, and migrates an older ledger, each step in its own transaction. A file of another
// program or of a newer version is refused and not changed. Error: store.
Result<void> migrate(Database& database);

}  // namespace mc::store
