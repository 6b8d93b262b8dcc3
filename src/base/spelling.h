// spelling.h — how to write a text in TOML, a list of names in a sentence, and the name of an environment variable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mc {

// In double quotes, with escapes where needed: valid TOML for any UTF-8 text.
std::string toml_quoted(std::string_view text);

// Whether the text has no visible character.
bool is_blank(std::string_view text);

// Letters, digits and `_`, not starting with a digit: a name that a shell can assign to.
bool is_environment_name(std::string_view name);

// "a", "a and b", "a, b, c and 4 more": the first `most` names (at least 1) and the number of the others.
std::string listed(const std::vector<std::string>& names, std::size_t most);

// "1 job", "2 jobs".
std::string counted(std::size_t count, std::string_view what);

}  // namespace mc
