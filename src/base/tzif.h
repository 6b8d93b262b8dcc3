// tzif.h — the contents of a TZif file, checked: what it says, not yet what it means.
//
// Source   RFC 8536. Version 1 files are read too; they have no footer.
// Errors   config, for every malformed or truncated file, and for one that counts leap seconds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/local_type.h"
#include "base/result.h"

namespace mc {

struct Tzif {
    struct Transition {
        std::int64_t at = 0;   // seconds since 1970, UTC
        std::size_t type = 0;  // an index into types
    };
    std::vector<Transition> transitions;  // strictly rising
    std::vector<LocalType> types;         // at least one; types[0] holds before the first transition
    std::string footer;                   // a POSIX rule for all that comes later; may be empty
};

Result<Tzif> read_tzif(std::string_view bytes);

}  // namespace mc
