// suggest.h — "did you mean": the known name closest to a misspelled one.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace mc {

// The candidate with the smallest edit distance (insert, delete, replace, swap of neighbours; ignoring case), if the
// distance is at most a third of its length and at least 1 letter is unchanged; else "".
std::string nearest(std::string_view word, std::span<const std::string> candidates);

// "did you mean NAME?"; if no candidate is close, "known: a, b, c" (at most 8, then "...").
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

}  // namespace mc
