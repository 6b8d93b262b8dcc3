// run_asked.h — the run or the alert that a command is about, as typed.
#pragma once

#include "desk/command.h"

namespace mc::app {

// The number of a run, or of the alert that it opened. Error: usage, with the command that lists them: a job's name is
// what is typed first.
Result<std::int64_t> run_asked(const Args& args, const std::string& text);
Result<std::int64_t> alert_asked(const Args& args, const std::string& text);

}  // namespace mc::app
