// order_warnings.h — the warnings of `check` about the order of jobs, with dates, for the next 400 days.
#pragma once

#include <vector>

#include "config/plan.h"

namespace mc {

// For each job and each upstream job: the first date on which the upstream job is due later or has no fire, or that it
// is disabled. The same for each job that a sensor waits for. Jobs with too many fires are checked for fewer days.
void warn_of_order(const Plan& plan, Instant now, std::vector<Warning>& warnings);

}  // namespace mc
