// local_type.h — local time in a zone for one period: UTC offset, daylight saving flag, abbreviation.
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

// The largest UTC offset that RFC 8536 3.2 allows (-25 h to +26 h), in either direction.
inline constexpr std::int32_t utc_offset_limit = 26 * 3600;

}  // namespace mc
