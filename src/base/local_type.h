// local_type.h — what clocks of a zone show for a stretch of time: offset, DST flag, abbreviation.
#pragma once

#include <cstdint>
#include <string>

namespace mc {

struct LocalType {
    std::int32_t utc_offset = 0;  // seconds, local minus UTC; within utc_offset_limit
    bool is_dst = false;
    std::string abbreviation;
    bool operator==(const LocalType&) const = default;
};

// No clock on Earth was ever further than this from UTC (RFC 8536 3.2 says -25 h to +26 h).
inline constexpr std::int32_t utc_offset_limit = 26 * 3600;

}  // namespace mc
