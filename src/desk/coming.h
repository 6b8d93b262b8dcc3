// coming.h — reads a future time as a user types it, in a time zone. Pure.
#pragma once

#include <string>

#include "base/zone.h"

namespace mc::app {

// "90m": from now; "17:30": the next one; "2026-11-23": the start of that day; or an instant. A date and an instant may
// be in the past. Error: usage, with these forms.
Result<Instant> parse_future_time(const std::string& text, const Zone& zone, Instant now);

}  // namespace mc::app
