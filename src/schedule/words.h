// words.h — short texts that schedules and limits share: events, times of day, days after.
//
// Errors are of kind config, without a place, with what to write instead.
#pragma once

#include <string_view>

#include "schedule/schedule.h"

namespace mc {

// "open", "close", "break_start", "break_end", "pre", "post"
std::string_view event_name(SessionEvent event);

// "@close+15m", "@XLON.open-1h30m"
Result<EventSchedule> parse_event(std::string_view text);

// "09:30", "06:00+1d", "18:00-1d"
struct TimeOnDay {
    Seconds time_of_day{0};
    int days = 0;
};
Result<TimeOnDay> parse_time_on_day(std::string_view text);

// Splits at the last dot after the leading `@`: "XLON.close-5m" is {"XLON", "close-5m"}, "close" is {"", "close"}.
struct Dotted {
    std::string_view calendar, rest;
};
Dotted split_calendar(std::string_view text);

std::string_view trimmed(std::string_view text);

}  // namespace mc
