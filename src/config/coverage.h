// coverage.h — which calendars that the jobs need will end, and whom that concerns.
#pragma once

#include <string>
#include <vector>

#include "config/plan.h"

namespace mc {

// `check` warns from so long before the end of a calendar's coverage, and so do messages.
inline constexpr date::days coverage_short{90};

// A calendar in use: by an enabled job's schedule, `when` or texts.
struct CalendarUse {
    CalendarPtr calendar;
    Date last;                     // of its coverage
    std::vector<const Job*> jobs;  // of the plan, in order of their names
    // From this day of its zone on its end is near.
    Date near() const { return last - coverage_short + date::days{1}; }
    Instant near_from() const;
};

// In order of the calendars' names. The pointers live as long as the plan.
std::vector<CalendarUse> calendars_in_use(const Plan& plan);

// "calendar XBOM ends on 2026-12-31", or "ended on".
std::string end_text(const CalendarUse& use, Instant now);

}  // namespace mc
