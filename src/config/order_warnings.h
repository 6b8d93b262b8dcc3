// order_warnings.h — what `check` says of the order of jobs: with dates, for the next 400 days.
#pragma once

#include <vector>

#include "config/plan.h"

namespace mc {

// Of each job and each job before it: the first date on which that one is due after it, has no fire, or that
// it is disabled. A job whose fires are too many to look at is looked at for fewer days.
void warn_of_order(const Plan& plan, Instant now, std::vector<Warning>& warnings);

}  // namespace mc
