// schema.h — the tables of the ledger, and how an older file is brought up to date.
//
// A file carries `application_id` (it is a ledger at all) and `user_version` (how many migrations it
// has had). docs/ledger.md tells the tables to the person who opens one with sqlite3.
#pragma once

#include "store/sqlite.h"

namespace mc::store {

inline constexpr std::int64_t ledger_application_id = 0x6d63726e;  // "mcrn"

// The version that this program reads and writes.
int current_version();

// An error unless the file is a ledger of exactly the current version.
Result<void> require_current(Database& database);

// It is of another program, or of a newer version. Error: store, where the file cannot be read.
Result<bool> is_foreign(Database& database);

// Makes an empty file a ledger, and an older one current, each step in its own transaction. A file of
// something else, or of a newer program, is refused and not changed.
Result<void> migrate(Database& database);

}  // namespace mc::store
