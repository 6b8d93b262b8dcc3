// start_env.h — what `start --env` may add to the environment of a run. Pure.
#pragma once

#include <map>
#include <string>

#include "base/result.h"

namespace mc::app {

// Error: usage, for an invalid variable name, a variable that marketcron sets itself, a value with a NUL byte, and more
// than 64 KB in total, because the ledger stores it.
Result<void> check_start_env(const std::map<std::string, std::string>& env);

}  // namespace mc::app
