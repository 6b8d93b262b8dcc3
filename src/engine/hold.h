// hold.h — what gathered while a job was held, and what becomes of it on release.
#pragma once

#include <vector>

#include "config/job.h"
#include "engine/run.h"

namespace mc {

// Of a held job, live and caught-up fires since then whose run has not begun: what `catch_up` judges on release.
// Others, a backfill's or a retry, go on as they are.
bool gathered(const Run& run, Instant held_since);

// What becomes of each of them, in the order of their fires: none when it may start, else why it is skipped.
// The last is always kept: who releases wants the job to go on.
std::vector<Reason> fates_on_release(const std::vector<const Run*>& in_order, const Job& job, Instant now);

}  // namespace mc
