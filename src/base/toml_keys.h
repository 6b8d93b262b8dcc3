// toml_keys.h — what toml++ has no bound for: the parts of a dotted key, each of which is a table in a table, and how
// many dotted keys a file has, for it looks through all of them at each.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace mc {

constexpr std::size_t toml_key_parts_max = 32;
constexpr std::size_t toml_dots_max = 100'000;

struct TomlKeyFault {
    enum class Kind { parts, dots } kind = Kind::parts;
    std::size_t offset = 0;  // of the part that is too many
};

// Texts in quotes and comments are passed over. Reads any bytes, in one pass.
std::optional<TomlKeyFault> too_many_keys(std::string_view text);

}  // namespace mc
