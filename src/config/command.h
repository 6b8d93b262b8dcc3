// command.h — the program that a job runs, as written in the configuration.
#pragma once

#include <vector>

#include "config/template.h"

namespace mc {

// command = "text": passed to the shell.
struct ShellCommand {
    Template text;
};
// command = ["program", "argument"]: executed without a shell.
struct ExecCommand {
    std::vector<Template> argv;
};

}  // namespace mc
