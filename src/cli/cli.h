// cli.h — the command line: one table of commands, from which help, completion and dispatch are made.
#pragma once

namespace mc::app {

// Runs the command that the arguments name; returns the exit code as in marketcron(1). Never throws: what no wall before it
// stopped is one line, and exit code 1.
int run_command(int argc, char** argv) noexcept;

}  // namespace mc::app
