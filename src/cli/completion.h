// completion.h — completion scripts for bash, zsh and fish, made from the table of commands. Pure.
//
// The scripts contain commands, options and fixed words. When Tab is pressed, they get the names of jobs, runs,
// calendars and targets from `marketcron completion jobs|runs|calendars|targets`.
#pragma once

#include <string>
#include <vector>

#include "desk/command.h"

namespace mc::app {

std::string bash_completion(const std::vector<Command>& commands);
std::string zsh_completion(const std::vector<Command>& commands);
std::string fish_completion(const std::vector<Command>& commands);

}  // namespace mc::app
