// time.h — the kinds of time, kept apart by type.
//
//   Instant   a UTC second. All storage, comparison and arithmetic.
//   WallTime  a local second without its zone: only where schedules come in and text goes out.
//   Date      a calendar date without zone: a session's label, a logical date.
//   Seconds   a length of time.
//
// The way from WallTime to Instant is base/zone.h's resolve() and no other.
// Types are those of Howard Hinnant's date library; a later compiler's <chrono> changes this file.
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
// Of "2026-11-20T21:00:00Z", or with an offset ("...T16:00:00-05:00"). Error: usage, with an example.
Result<Instant> parse_instant(std::string_view text);
// Of "2026-11-20". Error: usage; a date that does not exist ("2026-02-30") is one.
Result<Date> parse_date(std::string_view text);

// Durations as written in the file: "1h30m", "90s", "2d" (a day is 24 h); units d h m s, each at
// most once and in this order. Error: usage, with an example; negative and empty are errors.
Result<Seconds> parse_duration(std::string_view text);
// The shortest such text: 5400 s is "1h30m", 0 is "0s". Reading it gives the same length.
std::string duration_text(Seconds length);

inline Date make_date(int year, unsigned month, unsigned day) {
    return Date{date::local_days{date::year{year} / date::month{month} / date::day{day}}};
}
inline date::year_month_day civil(Date d) { return date::year_month_day{d}; }
// 0 = Sunday ... 6 = Saturday, as in cron.
inline unsigned weekday_of(Date d) { return date::weekday{d}.c_encoding(); }
inline Date date_of(WallTime t) { return date::floor<date::days>(t); }

}  // namespace mc
