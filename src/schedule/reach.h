// reach.h — how far a job's fires may lie from what they are of: the bounds of every search for them.
// `calendars`: those that the job goes by, because sessions lie apart as far as their longest closure.
#pragma once

#include "schedule/schedule.h"

namespace mc {

// Each fire is for the local date on which it strikes.
bool fires_on_own_date(const JobSchedule& job);
// A fire's own date from its logical date.
date::days date_reach(const JobSchedule& job, const CalendarSet& calendars);
// A fire's instant from its own date.
Seconds instant_reach(const JobSchedule& job);
// The same in whole days: a fire's instant, of whatever zone's day, from its logical date.
date::days days_off(const JobSchedule& job, const CalendarSet& calendars);
// Between these, the first included, lie the instants of all fires whose logical date is one of [from, to].
struct DueBounds {
    Instant first, last;
};
DueBounds due_bounds(const JobSchedule& job, const CalendarSet& calendars, Date from, Date to);
// A fire's instant from what its key names: a session, or a moment before jitter and roll.
Seconds key_reach(const JobSchedule& job, const CalendarSet& calendars);

}  // namespace mc
