// size.h — amounts of bytes as written in the file: "8G", "512M", "10M", "4096".
//
// K, M, G, T are powers of 1024, as cgroups and systemd count memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mc {

// A whole number and at most one unit letter, in either case. Error: config, with an example; a
// fraction, a sign, zero and what does not fit 63 bits are errors.
Result<std::uint64_t> parse_size(std::string_view text);
// The shortest such text: 8589934592 is "8G". Reading it gives the same amount.
std::string size_text(std::uint64_t bytes);
// For people, in the largest unit of which there is one, to a tenth: "1.5G", "8G", "512M".
std::string rounded_size_text(std::uint64_t bytes);

}  // namespace mc
