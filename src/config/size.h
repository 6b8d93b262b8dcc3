// size.h — numbers of bytes as written in the configuration: "8G", "512M", "10M", "4096".
//
// K, M, G, T are powers of 1024, as cgroups and systemd count memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mc {

// A whole number and at most one unit letter, in upper or lower case. Error: config, with an example, also for a
// fraction, a sign, zero, and a number above 63 bits.
Result<std::uint64_t> parse_size(std::string_view text);
// The shortest text for the number: 8589934592 is "8G". parse_size() of it gives the same number.
std::string size_text(std::uint64_t bytes);
// For display, in the largest unit that is not above the number, to one decimal: "1.5G", "8G", "512M".
std::string rounded_size_text(std::uint64_t bytes);

}  // namespace mc
