// retry_after.h — what a server says about when to come back (RFC 9110, 10.2.3): seconds, or an HTTP date.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace mc::notify {

// How long to wait from `now`; a date that has passed is 0. nullopt: it says nothing that we understand.
std::optional<Seconds> parse_retry_after(std::string_view value, Instant now);

}  // namespace mc::notify
