// spelling.h — how a text is written in TOML, names in a sentence, and what may be the name of an environment
// variable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mc {

// In double quotes, with what must be escaped escaped: TOML for any UTF-8.
std::string toml_quoted(std::string_view text);

// Nothing in it that could be read.
bool is_blank(std::string_view text);

// Letters, digits and `_`, no digit first: what a shell can assign to.
bool is_environment_name(std::string_view name);

// "a", "a and b", "a, b, c and 4 more": the first `most` of them, at least one, and how many are left.
std::string listed(const std::vector<std::string>& names, std::size_t most);

// "1 job", "2 jobs".
std::string counted(std::size_t count, std::string_view what);

}  // namespace mc
