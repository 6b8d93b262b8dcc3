#include "store/open_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <span>

#include "store/store_kinds.h"

namespace mc::store {

namespace {

// One row for each kind.
std::span<const StoreKind> kinds() {
    static const std::array rows{sqlite_kind()};
    return rows;
}

// "" for a path, also for one with "://" in it.
std::string_view scheme_of(std::string_view address) {
    const std::size_t end = address.find("://");
    const std::string_view scheme = address.substr(0, end == std::string_view::npos ? 0 : end);
    const auto is_of_scheme = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '-' || c == '.';
    };
    return std::all_of(scheme.begin(), scheme.end(), is_of_scheme) ? scheme : std::string_view{};
}

}  // namespace

Result<const StoreKind*> kind_of_store(std::string_view address) {
    const std::string_view scheme = scheme_of(address);
    for (const StoreKind& kind : kinds())
        if (kind.scheme == scheme) return &kind;
    return fail(Error::Kind::config, fmt::format("unknown kind of ledger `{}://`", scheme), "write the path of a file");
}

}  // namespace mc::store

namespace mc {

Result<std::unique_ptr<Store>> open_store(const std::string& address, OpenMode mode) {
    const auto kind = store::kind_of_store(address);
    if (!kind) return tl::unexpected(kind.error());
    return (*kind)->open(address, mode);
}

Result<bool> store_was_made(const std::string& address) {
    const auto kind = store::kind_of_store(address);
    if (!kind) return tl::unexpected(kind.error());
    return (*kind)->was_made(address);
}

bool is_store_closed(const std::string& address) {
    const auto kind = store::kind_of_store(address);
    return kind && (*kind)->is_closed(address);
}

bool is_store_unusable(const std::string& address, const Error& refusal) {
    const auto kind = store::kind_of_store(address);
    return !kind || (*kind)->is_unusable(address, refusal);
}

}  // namespace mc
