// time.h — the types for time.
//
//   Instant   a UTC second. For all storage, comparison and arithmetic.
//   WallTime  a local second without a zone. Only for reading schedules and writing text.
//   Date      a calendar date without a zone: the label of a session, a logical date.
//   Seconds   a length of time.
//
// Only resolve() in base/zone.h converts WallTime to Instant.
// The types are those of Howard Hinnant's date library; with a later compiler's <chrono> only this file changes.
#pragma once

#include <date/date.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mc {

using Seconds = std::chrono::seconds;
using Instant = date::sys_seconds;
using WallTime = date::local_seconds;
using Date = date::local_days;

// "2026-11-20T21:00:00Z"
std::string to_string(Instant t);
// "2026-11-20"
std::string to_string(Date d);
// Parses "2026-11-20T21:00:00Z", or with an offset ("...T16:00:00-05:00"). Error: usage, with an example.
Result<Instant> parse_instant(std::string_view text);
// Parses "2026-11-20". Error: usage, also for a date that does not exist ("2026-02-30").
Result<Date> parse_date(std::string_view text);

// Parses a duration: "1h30m", "90s", "2d" (a day is 24 h); units d h m s, each at most once and in this order. Error:
// usage, with an example, also for an empty or negative one and for more than 100 years.
Result<Seconds> parse_duration(std::string_view text);
// The shortest text for the duration: 5400 s is "1h30m", 0 is "0s". parse_duration() of it gives the same duration.
std::string duration_text(Seconds length);

inline Date make_date(int year, unsigned month, unsigned day) {
    return Date{date::local_days{date::year{year} / date::month{month} / date::day{day}}};
}
inline date::year_month_day civil(Date d) { return date::year_month_day{d}; }
// 0 = Sunday ... 6 = Saturday, as in cron.
inline unsigned weekday_of(Date d) { return date::weekday{d}.c_encoding(); }
inline Date date_of(WallTime t) { return date::floor<date::days>(t); }

}  // namespace mc
