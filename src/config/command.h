// command.h — a program to be run, as the file names it.
#pragma once

#include <vector>

#include "config/template.h"

namespace mc {

// command = "text": given to the shell.
struct ShellCommand {
    Template text;
};
// command = ["program", "argument"]: executed as it is.
struct ExecCommand {
    std::vector<Template> argv;
};

}  // namespace mc
