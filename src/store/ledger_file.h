// ledger_file.h — the ledger as a file: made, found again, and missed when it is gone.
//
// SQLite takes a file that was truncated to nothing for a new, healthy database, and a missing one
// likewise. So a mark lies beside every ledger that was ever made (PATH.made); where the mark is and the
// ledger is not, somebody lost it, and it is refused instead of begun anew: an empty ledger would run
// again what has run.
#pragma once

#include <string>

#include "base/result.h"

namespace mc::store {

std::string mark_path(const std::string& ledger);

// There was a ledger, and it is gone, or an empty file.
bool is_lost(const std::string& path);

// For a reader: there must be a ledger. Error: store.
Result<void> require_ledger(const std::string& path);

// For the daemon: there is a ledger, or there never was one and an empty file of mode 0600 is made for
// it. Error: store.
Result<void> find_or_create_ledger(const std::string& path);

// Remembers that a ledger was made; called when it holds its tables. Error: store.
Result<void> mark_ledger(const std::string& path);

}  // namespace mc::store
