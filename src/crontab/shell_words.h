// shell_words.h — the simple commands of a shell's line, as far as they can be seen without a shell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mc {

// The words of each simple command: split at ; & | ( ) and newlines, quotes taken off, redirections left out. What
// $(...) and `...` hold stays inside its word.
std::vector<std::vector<std::string>> shell_commands(std::string_view line);

}  // namespace mc
