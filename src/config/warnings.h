// warnings.h — the warnings of `check` about a valid plan that may surprise.
//
// Checks 400 days from `now`. An error of a calendar ends the check and is not a warning here.
#pragma once

#include <vector>

#include "config/plan.h"

namespace mc {

// In the order of files and lines:
//   a job that has no fire in the 400 days
//   a run that needs a session but has none (no_session)
//   cron fires on days without a session; fires that `roll` moves to a date on which `when` is false
//   a not_after or deadline that is not after a fire, or a wait_until that never delays one
//   a run whose wait_until is not before its not_after
//   a calendar in use whose coverage ends within 90 days
//   trouble with the daemon that no target gets; incidents that no recovery resolves
//   the order of jobs (order_warnings.h)
// Includes the plan's own warnings, and those of keys (key_warnings.h).
std::vector<Warning> plan_warnings(const Plan& plan, Instant now);

}  // namespace mc
