// confirm.h — a person is asked before something is done that others depend on.
#pragma once

#include <string>
#include <vector>

#include "desk/command.h"

namespace mc::app {

// True when the answer is y or yes, in any case. Without --yes and without a terminal to ask on it is a refusal (exit 1),
// which says what to add.
Result<bool> confirmed(const Args& args, const std::string& question);

// The line in place of those that tell what it means for other jobs, when the ledger could not be asked.
std::vector<std::string> what_is_not_known(const Error& error);

// Shows the lines on stdout; asks only a person at a terminal: a script that names one job means it.
bool agreed(const Args& args, const std::vector<std::string>& lines, const std::string& question);

}  // namespace mc::app
