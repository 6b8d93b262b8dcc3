// completion.h — what a shell offers behind `marketcron`, made from the table of commands. Pure.
//
// The scripts hold commands, options and fixed words; jobs, runs, calendars and targets they ask for when Tab
// is pressed, by `marketcron completion jobs|runs|calendars|targets`.
#pragma once

#include <string>
#include <vector>

#include "desk/command.h"

namespace mc::app {

std::string bash_completion(const std::vector<Command>& commands);
std::string zsh_completion(const std::vector<Command>& commands);
std::string fish_completion(const std::vector<Command>& commands);

}  // namespace mc::app
