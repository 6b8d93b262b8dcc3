// shell_words.h — the simple commands of a shell's command line, as far as they can be found without a shell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mc {

// The words of each simple command: split at ; & | ( ) and newlines, without quotes and redirections. The text of
// $(...) and `...` stays inside its word.
std::vector<std::vector<std::string>> shell_commands(std::string_view line);

}  // namespace mc
