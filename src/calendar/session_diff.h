// session_diff.h — what is different in one calendar from another, session by session: `calendar diff`.
//
// Only dates that both know are compared; what one of them alone covers is told as coverage.
#pragma once

#include <string>
#include <vector>

#include "calendar/calendar_set.h"

namespace mc {

// A date of which two calendars say otherwise: a session that comes, goes, or has other hours.
struct SessionChange {
    DayFacts before, after;  // their sessions live as long as their calendars
};

struct CalendarDiff {
    std::string name;
    CalendarPtr before, after;  // null: unknown there
    Date from, to;              // what was compared, both inclusive; to < from: nothing could be
    std::vector<SessionChange> sessions;

    bool same_coverage() const;
    // Both know it, with the same sessions and the same coverage.
    bool alike() const;
};

// The dates from `from` to `to` that both know. Either may be null.
CalendarDiff diff_calendars(const std::string& name, CalendarPtr before, CalendarPtr after, Date from, Date to);

// Every calendar of the two sets that is not alike in both, by name. Error: a calendar that cannot be read.
Result<std::vector<CalendarDiff>> diff_calendar_sets(const CalendarSet& before, const CalendarSet& after, Date from,
                                                     Date to);

}  // namespace mc
