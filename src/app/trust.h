// trust.h — whether what the daemon would run is written by those who may tell it what to run.
#pragma once

#include "config/plan.h"

namespace mc::app {

// Each file of the plan, and each env_file, that somebody else may write: everybody, a group that is more than its
// owner's own, or an owner who is neither root nor we; but not the owner where the file was `chosen`, by -c. So, too, the
// machine's calendar files, which nobody chooses. Its place is the file, its hint what to type.
Errors files_of_others(const Plan& plan, bool chosen);

}  // namespace mc::app
