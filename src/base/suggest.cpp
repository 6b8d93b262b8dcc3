#include "base/suggest.h"

#include <algorithm>
#include <vector>

namespace mc {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_letter(char a, char b) { return lower(a) == lower(b); }

// Optimal string alignment: three rows of the table are enough for swaps of neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        before_last.swap(last);
        last.swap(row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (same_letter(a[i - 1], b[j - 1]) ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
            const bool swapped = i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) && same_letter(a[i - 2], b[j - 1]);
            if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
    }
    return row[b.size()];
}

}  // namespace

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
    const std::string* best = nullptr;
    std::size_t best_distance = 0;
    for (const std::string& candidate : candidates) {
        const std::size_t allowed = candidate.size() / 3;
        // The difference in length is a lower bound: most candidates of a long list need no table.
        const std::size_t longer = std::max(word.size(), candidate.size());
        if (word.empty() || longer - std::min(word.size(), candidate.size()) > allowed) continue;
        const std::size_t distance = edit_distance(word, candidate);
        const bool better = best == nullptr || distance < best_distance ||
                            (distance == best_distance && candidate.starts_with(word) && !best->starts_with(word));
        if (distance > allowed || !better) continue;
        best = &candidate;
        best_distance = distance;
    }
    return best == nullptr ? std::string() : *best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
    const std::string near = nearest(word, candidates);
    if (!near.empty()) return "did you mean " + near + "?";
    constexpr std::size_t most = 8;
    std::string text = "known:";
    for (std::size_t i = 0; i < std::min(candidates.size(), most); ++i) text += (i == 0 ? " " : ", ") + candidates[i];
    if (candidates.empty()) text += " none";
    if (candidates.size() > most) text += ", ...";
    return text;
}

}  // namespace mc
