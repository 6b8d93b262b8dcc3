// coming.h — a coming moment as a person names it, by a job's clock. Pure.
#pragma once

#include <string>

#include "base/zone.h"

namespace mc::app {

// "90m" from now, the next "17:30", the day that begins as "2026-11-23", an instant. Error: usage, with these.
Result<Instant> parse_future_time(const std::string& text, const Zone& zone, Instant now);

}  // namespace mc::app
