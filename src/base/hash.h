// hash.h — a hash that is the same after a restart and on every machine, for `~` and jitter.
#pragma once

#include <cstdint>
#include <string_view>

namespace mc {

// FNV-1a with 64 bits, then a final mix (splitmix64) so that short texts spread over all bits.
// Source: the public constants of Fowler, Noll and Vo, and of Vigna's splitmix64.
constexpr std::uint64_t stable_hash(std::string_view text, std::uint64_t seed = 0) {
    std::uint64_t h = 14695981039346656037ULL ^ seed;
    for (const char c : text) {
        h ^= static_cast<unsigned char>(c);
        h *= 1099511628211ULL;
    }
    h ^= h >> 30;
    h *= 0xbf58476d1ce4e5b9ULL;
    h ^= h >> 27;
    h *= 0x94d049bb133111ebULL;
    return h ^ (h >> 31);
}

}  // namespace mc
