// open_store.h — the one place that opens a store by its address.
//
// An address is the path of an SQLite file, or SCHEME://... for a store of another kind. The kinds are the rows of a
// table: a new one is one file and one row (store_kinds.h).
#pragma once

#include <memory>
#include <string>

#include "store/store.h"

namespace mc {

enum class OpenMode { read_only, read_write };

// For read_write it is also created, or migrated. Error: store; config, for a scheme that is not in the table.
Result<std::unique_ptr<Store>> open_store(const std::string& address, OpenMode mode);

// Whether a daemon has made it, also if it is gone since: opening that one says so. Error: as open_store.
Result<bool> store_was_made(const std::string& address);

// Whether it is there, and its owner lets us not read it: its daemon has to be asked.
bool is_store_closed(const std::string& address);

// Whether the store that was refused must be repaired by hand: it is gone though there was one, damaged, of a newer
// version, or another program's. No new try helps then, and one during a restore does harm. False for what may pass: a
// lock, a full disk, a disk that fails, no permission. `refusal` is what this room said of the store.
bool is_store_unusable(const std::string& address, const Error& refusal);

}  // namespace mc
