// coverage.h — the calendars that the jobs use, when their coverage ends, and which jobs that affects.
#pragma once

#include <string>
#include <vector>

#include "config/plan.h"

namespace mc {

// `check` and notifications warn this long before the end of a calendar's coverage.
inline constexpr date::days coverage_short{90};

// A calendar used by an enabled job's schedule, `when` or texts.
struct CalendarUse {
    CalendarPtr calendar;
    Date last;                     // the last date of its coverage
    std::vector<const Job*> jobs;  // of the plan, in order of their names
    // The first date, in the calendar's zone, on which the end of coverage is near.
    Date near() const { return last - coverage_short + date::days{1}; }
    Instant near_from() const;
};

// In order of the calendars' names. The pointers are valid as long as the plan.
std::vector<CalendarUse> calendars_in_use(const Plan& plan);

// "calendar XBOM ends on 2026-12-31", or "ended on".
std::string end_text(const CalendarUse& use, Instant now);

}  // namespace mc
