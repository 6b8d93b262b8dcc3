// fire_pairs.h — one job's fires by two schedules, side by side: which fire of the one is which of the other.
//
//   - fires of one key are one and the same run, whenever they are due;
//   - of what is left: where a logical date has one fire here and one there, the one has become the other;
//   - any other fire is there on one side only.
// Both sides are read as streams, in order of time; what waits for its partner is all that is kept.
#pragma once

#include <functional>

#include "schedule/schedule.h"

namespace mc {

// A job's schedule with the calendars that it goes by. A null schedule has no fires.
struct Fires {
    const JobSchedule* schedule = nullptr;
    const CalendarSet* calendars = nullptr;
};

struct FirePair {
    std::optional<Fire> before, after;  // one at least
    bool one_run = false;               // both have one key: where the one has run, the other does not
};

// How far partners may lie apart: to judge a range, look so far beyond both its ends.
Seconds pair_reach(const Fires& before, const Fires& after);

// Calls `take` with each pair whose ends are not equal, and each fire without a partner, in about the order of time, of
// the fires due in (from, until], not all with their keys. Dates that no calendar knows are left out. Error: that
// of next_fires; refused, where more than two million fires wait for their partner.
Result<void> each_fire_pair(const Fires& before, const Fires& after, Instant from, Instant until,
                            const std::function<void(const FirePair&)>& take);

}  // namespace mc
