// fire_pairs.h — compares the fires of one job under two schedules: which fire of one is which fire of the other.
//
//   - fires with the same key are partners: the same run, whenever they are due;
//   - of the rest: if a logical date has exactly one fire on each side, these two are partners;
//   - any other fire exists on one side only.
// Both sides are read in order of time; only fires that wait for a partner are kept.
#pragma once

#include <functional>

#include "schedule/schedule.h"

namespace mc {

// A job's schedule and the calendars that it uses. A null schedule has no fires.
struct Fires {
    const JobSchedule* schedule = nullptr;
    const CalendarSet* calendars = nullptr;
};

struct FirePair {
    std::optional<Fire> before, after;  // at least one is set
    bool one_run = false;               // both have the same key: only one of them runs
};

// The largest distance between partners. To compare a range, read this much beyond both ends.
Seconds pair_reach(const Fires& before, const Fires& after);

// Calls `take` with each pair whose fires differ, and with each fire without a partner, roughly in order of time, for
// the fires due in (from, until]; some of them come without their keys (plain_pairs.h). Dates beyond coverage are left
// out. Error: as next_fires(); refused, if more than two million fires wait for a partner.
Result<void> each_fire_pair(const Fires& before, const Fires& after, Instant from, Instant until,
                            const std::function<void(const FirePair&)>& take);

}  // namespace mc
