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

// Whether a daemon has created the store, even if it is gone now (open_store() reports that). Error: as open_store().
Result<bool> store_was_made(const std::string& address);

// Whether the store exists, but this user cannot read it: the daemon has to be asked instead.
bool is_store_closed(const std::string& address);

// Whether the refused store must be repaired by hand: it was lost, is damaged, has a newer version, or belongs to
// another program. A retry does not help then, and during a restore it does harm. False for errors that may pass: a
// lock, a full disk, a failing disk, no permission. `refusal` is the error of open_store().
bool is_store_unusable(const std::string& address, const Error& refusal);

}  // namespace mc
