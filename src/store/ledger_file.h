// ledger_file.h — the file of the ledger: creates it, and detects that it was lost.
//
// SQLite treats a missing or an empty file as a new, valid database. So every created ledger has a mark (PATH.made)
// next to it. If the mark exists and the ledger is missing or empty, the ledger was lost: it is refused and not created
// again, because with an empty ledger the daemon would run jobs again that have already run.
#pragma once

#include <string>

#include "base/result.h"

namespace mc::store {

std::string mark_path(const std::string& ledger);

// Whether there was a ledger that is now missing or empty.
bool is_lost(const std::string& path);

// For a reader: checks that there is a ledger. Error: store.
Result<void> require_ledger(const std::string& path);

// For the daemon: checks that there is a ledger, or creates an empty file of mode 0600 if there never was one. Error:
// store, also if the ledger was lost.
Result<void> find_or_create_ledger(const std::string& path);

// Writes the mark. Call it when the ledger has its tables. Error: store.
Result<void> mark_ledger(const std::string& path);

}  // namespace mc::store
