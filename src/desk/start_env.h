// start_env.h — what `start --env` may add to the environment of a run. Pure.
#pragma once

#include <map>
#include <string>

#include "base/result.h"

namespace mc::app {

// Error: usage, for what is no name of a variable, for one that marketcron sets itself, for a value with a NUL, and for
// more than 64 KB in all: the ledger keeps it.
Result<void> check_start_env(const std::map<std::string, std::string>& env);

}  // namespace mc::app
