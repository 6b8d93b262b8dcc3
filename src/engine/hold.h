// hold.h — the backlog of a held job: which runs belong to it, and what happens to them on release.
#pragma once

#include <string>
#include <vector>

#include "config/job.h"
#include "engine/run.h"
#include "reason/words.h"

namespace mc {

// Whether the run is in the backlog: a live or caught-up fire since the hold began, whose run has not started.
// `catch_up` decides about these runs on release. Other runs (of a backfill, or between two attempts) are not affected.
bool gathered(const Run& run, Instant held_since);

// For each run of the backlog, in the order of their fires: Reason::none if it can start, else why it is skipped. The
// last run can always start, because a release is meant to let the job run.
std::vector<Because> fates_on_release(const std::vector<const Run*>& in_order, const Job& job, Instant now,
                                      const Wording& wording = {});

// "until 2026-11-23T17:30:00-05:00", "until `marketcron release a`"
std::string until_text(const Hold& hold, const Job& job);

}  // namespace mc
