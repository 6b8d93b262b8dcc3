// warnings.h — the warnings of `check` about a valid plan that may surprise.
//
// Checks 400 days from `now`. An error of a calendar ends the check and is not a warning here.
#pragma once

#include <vector>

#include "config/plan.h"

namespace mc {

// In the order of files and lines:
//   a job that never fires, or not after the coverage of its calendar ends
//   a run that needs a session but has none (no_session)
//   a not_after or deadline that is not after one of its own fires
//   a calendar in use whose coverage ends within 90 days
// Includes the plan's own warnings.
std::vector<Warning> plan_warnings(const Plan& plan, Instant now);

}  // namespace mc
