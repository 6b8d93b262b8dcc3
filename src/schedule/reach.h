// reach.h — the largest distances between a job's fires and what they are for: the bounds of every search.
// `calendars`: those that the job uses, because the distance between sessions is as long as their longest closure.
#pragma once

#include "schedule/schedule.h"

namespace mc {

// Whether each fire is for the local date of its instant.
bool fires_on_own_date(const JobSchedule& job);
// From a fire's own date to its logical date.
date::days date_reach(const JobSchedule& job, const CalendarSet& calendars);
// From a fire's own date to its instant.
Seconds instant_reach(const JobSchedule& job);
// The same in whole days: from a fire's logical date to its instant, in any zone.
date::days days_off(const JobSchedule& job, const CalendarSet& calendars);
// Half open: all fires whose logical date is in [from, to] are due from `first` on and before `last`.
struct DueBounds {
    Instant first, last;
};
DueBounds due_bounds(const JobSchedule& job, const CalendarSet& calendars, Date from, Date to);
// From what a fire's key names (a session, or a moment before jitter and roll) to its instant.
Seconds key_reach(const JobSchedule& job, const CalendarSet& calendars);

}  // namespace mc
