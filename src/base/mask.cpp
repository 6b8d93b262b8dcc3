#include "base/mask.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

#include "base/mask_forms.h"

namespace mc {

namespace {

constexpr std::size_t hole_from = 64;  // NUL bytes; a hole is larger (output_file.cpp)

// borders[n]: the length of the longest text that both begins and ends the first n bytes, and is shorter than those.
std::vector<std::uint32_t> borders_of(std::string_view text) {
    std::vector<std::uint32_t> borders(text.size() + 1, 0);
    for (std::size_t n = 1; n < text.size(); ++n) {
        std::uint32_t k = borders[n];
        while (k > 0 && text[n] != text[k]) k = borders[k];
        borders[n + 1] = text[n] == text[k] ? k + 1 : 0;
    }
    return borders;
}

// The longest proper start of `needle` that ends the letters, which are given one by one.
template <class Letters, class NeedleAt>
std::size_t longest_start(std::size_t needle_size, const std::vector<std::uint32_t>& borders, std::size_t count,
                          Letters letter, NeedleAt needle) {
    std::size_t k = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const char c = letter(i);
        while (k > 0 && (k == needle_size || needle(k) != c)) k = borders[k];
        if (needle(k) == c) ++k;
    }
    return k == needle_size ? borders[k] : k;
}

std::size_t find_from(std::string_view text, std::string_view needle, std::size_t from) {
    if (from >= text.size()) return std::string_view::npos;
    const void* found = ::memmem(text.data() + from, text.size() - from, needle.data(), needle.size());
    return found == nullptr ? std::string_view::npos
                            : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

struct Gap {
    std::size_t begin, end;
};
constexpr std::size_t no_gap = std::string_view::npos;

// Where the note that begins at `at` ends; no_gap when there is none, the text's size when the text ends inside one.
std::size_t end_of_note(std::string_view text, std::size_t at) {
    constexpr std::string_view before = "\n[... ", after = " bytes left out ...]\n";
    constexpr std::size_t digits_max = 20;
    std::size_t i = at;
    for (const char c : before) {
        if (i == text.size()) return i;
        if (text[i++] != c) return no_gap;
    }
    std::size_t digits = 0;
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) ++digits;
    if (digits > digits_max || (digits == 0 && i < text.size())) return no_gap;
    for (const char c : after) {
        if (i == text.size()) return i;
        if (text[i++] != c) return no_gap;
    }
    return i;
}

// The first gap that is whole, or else from where on the text's end may be the beginning of one.
struct Found {
    Gap gap{no_gap, no_gap};
    std::size_t begun = no_gap;
};
Found find_gap(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        constexpr std::string_view marks("\n\0", 2);
        at = text.find_first_of(marks, at);
        if (at == std::string_view::npos) break;
        std::size_t end = at;
        if (text[at] == '\n') {
            end = end_of_note(text, at);
            if (end == no_gap) continue;
            if (text[end - 1] == '\n' && end > at + 1) return {{at, end}, no_gap};
            return {{no_gap, no_gap}, at};
        }
        while (end < text.size() && text[end] == '\0') ++end;
        if (end - at >= hole_from) return {{at, end}, no_gap};
        if (end == text.size()) return {{no_gap, no_gap}, at};
        at = end - 1;
    }
    return {};
}

}  // namespace

Mask::Mask(const std::vector<std::string>& values, std::string cover) : cover_(std::move(cover)) {
    std::set<std::string> texts;
    for (const std::string& value : values) {
        if (value.size() < shortest) continue;
        for (std::string& form : forms_of(value)) texts.insert(std::move(form));
    }
    for (const std::string& text : texts) {
        auto borders = borders_of(text);
        const std::size_t period = text.size() - borders.back();
        auto mirror = borders_of(std::string(text.rbegin(), text.rend()));
        needles_.push_back({text, period, std::move(borders), std::move(mirror)});
        longest_ = std::max(longest_, text.size());
    }
}

// Sorted and apart from each other.
std::vector<Mask::Stretch> Mask::marks(std::string_view text, Edge begin, Edge end) const {
    std::vector<Stretch> all;
    for (const Needle& needle : needles_) {
        const std::size_t size = needle.text.size();
        for (std::size_t at = find_from(text, needle.text, 0); at != std::string_view::npos;
             at = find_from(text, needle.text, at + needle.period)) {
            if (!all.empty() && all.back().begin <= at && at <= all.back().end)
                all.back().end = std::max(all.back().end, at + size);
            else all.push_back({at, at + size});
        }
        const std::size_t near = std::min(text.size(), size);
        if (begin == Edge::cut) {
            const std::size_t rest = longest_start(
                size, needle.mirror, near, [&](std::size_t i) { return text[near - 1 - i]; },
                [&](std::size_t i) { return needle.text[size - 1 - i]; });
            if (rest >= shortest) all.push_back({0, rest});
        }
        if (end == Edge::cut) {
            const std::size_t start = longest_start(
                size, needle.borders, near, [&](std::size_t i) { return text[text.size() - near + i]; },
                [&](std::size_t i) { return needle.text[i]; });
            if (start >= shortest) all.push_back({text.size() - start, text.size()});
        }
        if (begin == Edge::cut && end == Edge::cut && text.size() >= shortest && text.size() < size &&
            find_from(needle.text, text, 0) != std::string_view::npos)
            all.push_back({0, text.size()});
    }
    std::sort(all.begin(), all.end(), [](const Stretch& a, const Stretch& b) { return a.begin < b.begin; });
    std::vector<Stretch> merged;
    for (const Stretch& one : all) {
        if (!merged.empty() && one.begin <= merged.back().end) merged.back().end = std::max(merged.back().end, one.end);
        else merged.push_back(one);
    }
    return merged;
}

// How many bytes at the text's end may be the beginning of a value.
std::size_t Mask::begun(std::string_view text) const {
    std::size_t most = 0;
    for (const Needle& needle : needles_) {
        const std::size_t near = std::min(text.size(), needle.text.size() - 1);
        const std::size_t start = longest_start(
            needle.text.size(), needle.borders, near, [&](std::size_t i) { return text[text.size() - near + i]; },
            [&](std::size_t i) { return needle.text[i]; });
        most = std::max(most, start);
    }
    return most;
}

std::string Mask::hide(std::string_view text, Edge begin, Edge end) const {
    if (empty()) return std::string(text);
    MaskStream stream(*this, begin);
    std::string out = stream.add(text);
    return out += stream.end(end);
}

std::string Mask::hide_settled(std::string_view text) const {
    if (empty()) return std::string(text);
    return MaskStream(*this).add(text);
}

// Gives out the segment's first `until` bytes; a stretch that goes on behind them is covered, and remembered.
void MaskStream::emit(std::size_t until, std::string_view segment, const std::vector<Mask::Stretch>& marks,
                      std::string& out) {
    std::size_t at = 0;
    std::size_t covered = 0;
    if (covered_ > 0) at = std::min(covered_, until);
    if (covered_ > until) covered = covered_ - until;
    for (const Mask::Stretch& mark : marks) {
        if (mark.begin >= until) break;
        const bool prolongs = after_cover_ && mark.begin <= at;
        if (mark.begin > at) {
            out += segment.substr(at, mark.begin - at);
            after_cover_ = false;
        }
        if (!prolongs) out += mask_.cover_;
        after_cover_ = true;
        at = std::max(at, std::min(mark.end, until));
        if (mark.end > until) covered = std::max(covered, mark.end - until);
    }
    if (at < until) {
        out += segment.substr(at, until - at);
        after_cover_ = false;
    }
    covered_ = covered;
}

// A segment of which no more comes.
void MaskStream::flush(std::string_view segment, Mask::Edge end, std::string& out) {
    emit(segment.size(), segment, mask_.marks(segment, begin_, end), out);
    covered_ = 0;
    after_cover_ = false;
}

void MaskStream::take_gaps(std::string& out) {
    std::size_t taken = 0;
    const std::string_view all = held_;
    while (true) {
        if (in_hole_) {
            const std::size_t end = std::min(all.find_first_not_of('\0', taken), all.size());
            out += all.substr(taken, end - taken);
            taken = end;
            in_hole_ = taken == all.size();
        }
        const Gap gap = find_gap(all.substr(taken)).gap;
        if (gap.begin == no_gap) break;
        flush(all.substr(taken, gap.begin), Mask::Edge::cut, out);
        out += all.substr(taken + gap.begin, gap.end - gap.begin);
        begin_ = Mask::Edge::cut;
        taken += gap.end;
        in_hole_ = all[taken - 1] == '\0';
    }
    held_.erase(0, taken);
}

std::string MaskStream::add(std::string_view piece) {
    if (mask_.empty()) return std::string(piece);
    held_ += piece;
    std::string out;
    take_gaps(out);
    // What a value may have left at a cut shows when enough has come.
    if (begin_ == Mask::Edge::cut && held_.size() < mask_.longest()) return out;
    const std::string_view all = held_;
    const std::size_t before_gap = std::min(find_gap(all).begun, all.size());
    const std::size_t until =
        std::min(before_gap - mask_.begun(all.substr(0, before_gap)), all.size() - mask_.begun(all));
    emit(until, held_, mask_.marks(held_, begin_, Mask::Edge::whole), out);
    if (until > 0) begin_ = Mask::Edge::whole;
    held_.erase(0, until);
    return out;
}

std::string MaskStream::end(Mask::Edge end) {
    std::string out;
    flush(std::exchange(held_, {}), end, out);
    return out;
}

}  // namespace mc
