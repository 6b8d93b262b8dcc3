// trust.h — whether what the daemon would run is written by those who may tell it what to run.
#pragma once

#include "config/plan.h"

namespace mc::app {

// Each file of the plan, and each env_file, that somebody else may write: not root's nor ours, or open to others or to a
// group that is not the user's own. Its place is the file, its hint what to type.
Errors files_of_others(const Plan& plan);

}  // namespace mc::app
