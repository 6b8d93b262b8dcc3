// mistyped.h — finds common mistakes in a command line: which option or argument is wrong, and what to write instead.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "desk/command.h"

namespace mc::app {

// The mistake in the words that were typed after the command's name, with a hint that works as typed. Absent: none that
// this function looks for.
std::optional<Error> mistyped(const Command& command, const std::vector<std::string>& typed);

// Our command for a command of another scheduler or shell: hold for "pause". "": none.
std::string command_meant(const std::string& word);

}  // namespace mc::app
