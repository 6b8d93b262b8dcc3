// suggest.h — "did you mean": the known name nearest to a misspelt one.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace mc {

// The candidate with the smallest edit distance (insert, delete, replace, swap of neighbours; case
// ignored), if that is at most a third of its length and at least 1 letter stays; else "".
std::string nearest(std::string_view word, std::span<const std::string> candidates);

// "did you mean NAME?" or, without a near one, "known: a, b, c" (at most eight, then "...").
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

}  // namespace mc
