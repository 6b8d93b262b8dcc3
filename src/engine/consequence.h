// consequence.h — what it means downstream when a job is held, iced or stopped: the sentences that a person is
// shown before.
#pragma once

#include <string>
#include <vector>

#include "config/plan.h"
#include "engine/run.h"

namespace mc {

// Of its next fire after `now`: when each job right after it would start without it ("b starts at
// 2026-11-20T16:15:00-05:00 without it"). Empty when nothing is after it.
std::vector<std::string> if_iced(const Plan& plan, const Job& job, Instant now);

// The jobs after it, near and far, that wait as long as it does; in order of their names.
std::vector<std::string> jobs_behind(const Plan& plan, const Job& job);

// What the jobs right after it do once a run of it has ended so: "b ends as upstream_failed".
std::vector<std::string> if_ended(const Plan& plan, const Job& job, State state);

}  // namespace mc
