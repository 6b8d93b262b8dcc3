// tzif.h — the checked contents of a TZif file, not yet interpreted.
//
// Source   RFC 8536. Version 1 files are supported too; they have no footer.
// Errors   config, for every malformed or truncated file, and for a file with leap seconds.
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
    std::vector<Transition> transitions;  // in strictly increasing order
    std::vector<LocalType> types;         // at least one; types[0] applies before the first transition
    std::string footer;                   // a POSIX rule for the time after the last transition; may be empty
};

Result<Tzif> read_tzif(std::string_view bytes);

}  // namespace mc
