// plain_pairs.h — compares the fires of two plain schedules day by day: the fast case of each_fire_pair().
//
// A plain schedule has only cron and @every, no jitter, no roll and no predicate of the instant: each fire is for the
// date of its instant, and the instant is its identity. So the instants of a day are enough, and millions of fires a
// year are compared without searching for each one.
#pragma once

#include "schedule/fire_pairs.h"

namespace mc {

// Whether each_plain_pair() can be used: both sides are plain and in the same time zone, and at least one has fires.
bool are_plain(const Fires& before, const Fires& after);

// As each_fire_pair(), for plain sides; the fires passed on have no key.
Result<void> each_plain_pair(const Fires& before, const Fires& after, Instant from, Instant until,
                             const std::function<void(const FirePair&)>& take);

}  // namespace mc
