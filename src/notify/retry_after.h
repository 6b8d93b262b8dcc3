// retry_after.h — reads a Retry-After header (RFC 9110, 10.2.3): seconds, or an HTTP date.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace mc::notify {

// How long to wait from `now`, at most 1 hour; 0 for a date in the past. nullopt: the value is empty or invalid.
std::optional<Seconds> parse_retry_after(std::string_view value, Instant now);

}  // namespace mc::notify
