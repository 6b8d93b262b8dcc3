// plain_pairs.h — the fires of two plain schedules side by side, day by day: the fast road of each_fire_pair.
//
// Plain are schedules of cron and @every alone, without jitter, roll or a question about the instant: each fire is of
// the date on which it strikes, and its instant is its identity. Then a day's instants say all, and millions
// of fires a year are compared without looking for each.
#pragma once

#include "schedule/fire_pairs.h"

namespace mc {

// Both sides are plain, in one time zone, and one has fires at all.
bool are_plain(const Fires& before, const Fires& after);

// As each_fire_pair, of such a pair; the fires told have no key.
Result<void> each_plain_pair(const Fires& before, const Fires& after, Instant from, Instant until,
                             const std::function<void(const FirePair&)>& take);

}  // namespace mc
