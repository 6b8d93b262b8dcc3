// check.h — checks a calendar file beyond the syntax of its text.
//
// Computes every session in coverage and finds: rules that never match; single days that change nothing or are given
// twice; sessions that overlap or are longer than 24 hours; breaks outside their session; local times that do not exist
// on that day; days without hours. For one place in the file only the first error is reported.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "calendar/calendar.h"
#include "calendar/find_rules.h"

namespace mc {

// The calendar, if there are no errors. Errors: config, in the file's order, each with its place. The extended calendar
// is not checked: only the file's own rules and days must have an effect.
ResultAll<CalendarPtr> check_calendar(std::string_view text, const std::string& file, const ZoneLookup& zones,
                                      const FindRules& find = no_rules_to_extend);

// The same for rules from elsewhere: the errors that have their place in `file`.
Errors check_rules(const CalendarRules& rules, const std::string& file, const Zone& zone);

// Checks only the sessions on those dates, which are in coverage. The place is that of the day's own reason.
Errors check_sessions_on(const CalendarRules& rules, const Zone& zone, const std::vector<Date>& dates);

}  // namespace mc
