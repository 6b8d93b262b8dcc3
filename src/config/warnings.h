// warnings.h — what `check` says of a plan that is right in itself and may yet surprise.
//
// Looks 400 days ahead of `now`; errors of calendars on the way end the look, they are no warning here.
#pragma once

#include <vector>

#include "config/plan.h"

namespace mc {

// In the order of files and lines:
//   a job that never fires, or not after the coverage of its calendar ends
//   a run that needs a session and will have none (no_session)
//   a not_after or deadline at or before one of its own fires
//   a calendar in use whose coverage ends within 90 days
// The plan's own warnings are among them.
std::vector<Warning> plan_warnings(const Plan& plan, Instant now);

}  // namespace mc
