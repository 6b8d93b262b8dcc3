// cli.h — the command line: help, completion and dispatch follow from one table of commands.
#pragma once

namespace mc::app {

// Runs the command that the arguments name. Returns the exit status, as in marketcron(1). Never throws: an exception
// that reaches this function is printed as one line on stderr, and the status is 1.
int run_command(int argc, char** argv) noexcept;

}  // namespace mc::app
