// session_diff.h — the differences between two calendars, session by session: `calendar diff`.
//
// Only dates that both cover are compared; dates that only one of them covers are reported as coverage.
#pragma once

#include <string>
#include <vector>

#include "calendar/calendar_set.h"

namespace mc {

// A date on which two calendars differ: a session is added, removed, or has other hours.
struct SessionChange {
    DayFacts before, after;  // their sessions are valid as long as their calendars
};

struct CalendarDiff {
    CalendarName name;
    CalendarPtr before, after;  // null: unknown there
    Date from, to;              // the compared range, both inclusive; to < from: nothing could be compared
    std::vector<SessionChange> sessions;

    bool same_coverage() const;
    // Whether both exist, with the same sessions and the same coverage.
    bool alike() const;
};

// Compares the dates from `from` to `to` that both cover. Either calendar may be null.
CalendarDiff diff_calendars(const CalendarName& name, CalendarPtr before, CalendarPtr after, Date from, Date to);

// Every calendar that differs between the two sets, by name. Error: a calendar that cannot be read.
Result<std::vector<CalendarDiff>> diff_calendar_sets(const CalendarSet& before, const CalendarSet& after, Date from,
                                                     Date to);

}  // namespace mc
