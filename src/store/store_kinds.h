// store_kinds.h — a kind of store: the functions that open_store.h calls for its addresses. Only for this room.
#pragma once

#include <string_view>

#include "store/open_store.h"

namespace mc::store {

// Each function gets the whole address, and promises the same as the similar function of open_store.h.
struct StoreKind {
    std::string_view scheme;  // before "://"; "" for the path of a file
    Result<std::unique_ptr<Store>> (*open)(const std::string& address, OpenMode mode);
    Result<bool> (*was_made)(const std::string& address);
    bool (*is_closed)(const std::string& address);
    bool (*is_unusable)(const std::string& address, const Error& refusal);
};

// The kind of that address. Error: config, for an unknown scheme; it shows only the scheme, because the address may
// contain a password.
Result<const StoreKind*> kind_of_store(std::string_view address);

StoreKind sqlite_kind();

}  // namespace mc::store
