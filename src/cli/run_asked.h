// run_asked.h — reads the number of the run or alert that a command is given.
#pragma once

#include "desk/command.h"

namespace mc::app {

// The number of a run, or of the alert that it opened. Error: usage, with the command that lists the numbers; if a word
// was typed, which is probably a job, those of this job.
Result<std::int64_t> run_asked(const Args& args, const std::string& text);
Result<std::int64_t> alert_asked(const Args& args, const std::string& text);

}  // namespace mc::app
