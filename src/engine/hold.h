// hold.h — the runs that wait for the release of a held job, and what becomes of them then.
#pragma once

#include <string>
#include <vector>

#include "config/job.h"
#include "engine/run.h"

namespace mc {

// Of a held job, live and caught-up fires since then whose run has not begun: `catch_up` decides about them on release.
// Others, of a backfill or between two attempts, go on as they are.
bool gathered(const Run& run, Instant held_since);

// What becomes of each of them, in the order of their fires: none when it may start, else why it is skipped.
// The last one may always start: a release is meant to let the job run.
std::vector<Reason> fates_on_release(const std::vector<const Run*>& in_order, const Job& job, Instant now);

// "until 2026-11-23T17:30:00-05:00", "until `marketcron release a`"
std::string until_text(const Hold& hold, const Job& job);

}  // namespace mc
