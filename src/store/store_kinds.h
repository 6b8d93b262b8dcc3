// store_kinds.h — a kind of store: what open_store.h asks of an address. For this room's own files.
#pragma once

#include <string_view>

#include "store/open_store.h"

namespace mc::store {

// Each function is given the whole address, and promises what its namesake in open_store.h does.
struct StoreKind {
    std::string_view scheme;  // before "://"; "" for the path of a file
    Result<std::unique_ptr<Store>> (*open)(const std::string& address, OpenMode mode);
    Result<bool> (*was_made)(const std::string& address);
    bool (*is_closed)(const std::string& address);
    bool (*is_unusable)(const std::string& address, const Error& refusal);
};

// The kind's row. Error: config, with the scheme that is not known; of the address itself nothing, for a password may be
// in it.
Result<const StoreKind*> kind_of_store(std::string_view address);

StoreKind sqlite_kind();

}  // namespace mc::store
