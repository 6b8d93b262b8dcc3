// confirm.h — asks for confirmation before a change that affects other jobs.
#pragma once

#include <string>
#include <vector>

#include "desk/command.h"

namespace mc::app {

// True with --yes, or if the answer is y or yes, in upper or lower case; any other answer prints that nothing was
// changed. Error: refused, without --yes if stdin is not a terminal.
Result<bool> confirmed(const Args& args, const std::string& question);

// One line that replaces those about other jobs, if the ledger cannot be read.
std::vector<std::string> what_is_not_known(const Error& error);

// Prints the lines on stdout, one for each effect on other jobs. False if an operator at a terminal answers no. It does
// not ask without lines, with --yes, or in a script.
bool agreed(const Args& args, const std::vector<std::string>& lines, const std::string& question);

}  // namespace mc::app
