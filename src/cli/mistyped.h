// mistyped.h — what the parser could not take, in our words: which option or word it is, and what to write instead.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "desk/command.h"

namespace mc::app {

// What is wrong with the words typed after the command's name, with a hint that works as typed. Nothing: no mistake
// that is looked for here.
std::optional<Error> mistyped(const Command& command, const std::vector<std::string>& typed);

// The command that is meant by another scheduler's or shell's word: "pause" is hold. "": none.
std::string command_meant(const std::string& word);

}  // namespace mc::app
