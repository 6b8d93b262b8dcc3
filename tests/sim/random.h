// random.h — the only source of randomness in the simulator: a seed always gives the same sequence.
// Source: the public constants of Vigna's splitmix64.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace mc::sim {

class Random {
   public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    // In [0, bound).
    std::int64_t below(std::int64_t bound) {
        return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(bound));
    }
    bool one_in(std::int64_t n) { return below(n) == 0; }
    std::string_view pick(std::initializer_list<std::string_view> choices) {
        return *(choices.begin() + below(static_cast<std::int64_t>(choices.size())));
    }

   private:
    std::uint64_t state_;
};

}  // namespace mc::sim
