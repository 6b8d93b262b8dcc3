// toml_keys.h — checks what toml++ does not limit: the number of parts of a dotted key, each of which is a nested
// table, and the number of dotted keys in a file, because toml++ scans all of them for each one.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace mc {

constexpr std::size_t toml_key_parts_max = 32;
constexpr std::size_t toml_dots_max = 100'000;

struct TomlKeyFault {
    enum class Kind { parts, dots } kind = Kind::parts;
    std::size_t offset = 0;  // of the first part above the limit
};

// Ignores texts in quotes and comments. Reads any bytes, in one pass.
std::optional<TomlKeyFault> too_many_keys(std::string_view text);

}  // namespace mc
