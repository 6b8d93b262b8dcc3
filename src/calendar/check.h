// check.h — what is wrong with a calendar file, beyond what its text alone shows.
//
// Works out every session in coverage and finds: rules that never match; single days that change
// nothing or are said twice; sessions that overlap or are longer than 24 hours; breaks outside their
// session; times that the clocks skip that day; days for which no hours are written. Of one place in the file only the first is told.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "calendar/calendar.h"
#include "calendar/find_rules.h"

namespace mc {

// The calendar, if nothing is wrong. Errors: config, in the file's order, each with its place. What the
// file extends is taken as it is: only its own rules and days must have an effect.
ResultAll<CalendarPtr> check_calendar(std::string_view text, const std::string& file, const ZoneLookup& zones,
                                      const FindRules& find = no_rules_to_extend);

// The same of rules that stand elsewhere: what is wrong with what `file` says of them.
Errors check_rules(const CalendarRules& rules, const std::string& file, const Zone& zone);

// Of the sessions on those dates alone, which are in coverage. The place is that of the day's own reason.
Errors check_sessions_on(const CalendarRules& rules, const Zone& zone, const std::vector<Date>& dates);

}  // namespace mc
