#include "base/mask.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <utility>

#include "base/mask_forms.h"

namespace mc {

namespace {

// A hole in the output of a job is at least this number of NUL bytes; real ones are larger (output_file.cpp).
constexpr std::size_t hole_from = 64;
constexpr std::size_t piece_bytes = 64 * 1024;

// borders[n]: the length of the longest text, shorter than n, that both begins and ends the first n bytes.
std::vector<std::uint32_t> borders_of(std::string_view text) {
    std::vector<std::uint32_t> borders(text.size() + 1, 0);
    for (std::size_t n = 1; n < text.size(); ++n) {
        std::uint32_t k = borders[n];
        while (k > 0 && text[n] != text[k]) k = borders[k];
        borders[n + 1] = text[n] == text[k] ? k + 1 : 0;
    }
    return borders;
}

// The length of the longest proper prefix of `needle` with which the letters end; letter(i) is the letter at i.
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

// The end of the note "[... 17 bytes left out ...]" that begins at `at`: no_gap if there is none, the size of the text
// if the text ends inside the note.
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

// The first complete gap. If there is none, `begun` is the position where the text may end inside a gap.
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

// The text in one of its readings, the forms to search there, and the position of each letter of the reading in the
// text.
struct Mask::View {
    const Needles& needles;
    std::string_view letters;
    const Readings* readings = nullptr;  // null: the text itself
    std::size_t depth = 0;
    const Reading* joined = nullptr;
    bool begins_line = true;  // a blank, or the beginning of the text, is before the letters

    std::size_t begin_of(std::size_t at) const {
        if (joined != nullptr) at = joined->begin_of(at);
        return readings != nullptr ? readings->begin_of(depth, at) : at;
    }
    std::size_t end_of(std::size_t at) const {
        if (joined != nullptr) at = joined->end_of(at) - 1;
        return readings != nullptr ? readings->end_of(depth, at) : at + 1;
    }
    // Whether a line break or the beginning of the letters is before the letter at `at`.
    bool after_break(std::size_t at) const {
        if (joined == nullptr) return false;
        return at == 0 ? begins_line || begin_of(0) > 0 : end_of(at - 1) != begin_of(at);
    }
    // The position of an occurrence that the end of the letters cuts off; the size of the letters if there is none. A
    // very short beginning before a line break does not count, because it would hold back the whole line.
    std::size_t begun(const Needle& needle) const {
        const std::size_t size = letters.size(), near = std::min(size, needle.text.size() - 1);
        std::size_t start = longest_start(
            needle.text.size(), needle.borders, near, [&](std::size_t i) { return letters[size - near + i]; },
            [&](std::size_t i) { return needle.text[i]; });
        while (start > 0 && needle.is_rest && !after_break(size - start)) start = needle.borders[start];
        if (start <= needle.sure_after && after_break(size)) return size;
        return size - start;
    }
    // The number of first letters that belong to an occurrence whose beginning was cut off.
    std::size_t left_over(const Needle& needle) const {
        const std::size_t size = needle.text.size(), near = std::min(letters.size(), size);
        return longest_start(
            size, needle.mirror, near, [&](std::size_t i) { return letters[near - 1 - i]; },
            [&](std::size_t i) { return needle.text[size - 1 - i]; });
    }
};

template <class Use>
void Mask::each_view(std::string_view text, const Readings& readings, Before before, Use use) const {
    const auto base64 = [&](std::string_view letters, const Readings* from, std::size_t depth, bool begins_line) {
        if (base64_.empty()) return;
        const Reading joined = Reading::joined(letters);
        use(View{base64_, joined.text(), from, depth, &joined, begins_line});
    };
    use(View{plain_, text});
    base64(text, nullptr, 0, before[0]);
    for (std::size_t depth = 0; depth < readings.size(); ++depth) {
        const std::string& letters = readings.text(depth);
        if (letters.find('+') == std::string::npos) use(View{read_, letters, &readings, depth});
        else use(View{read_, without_plus(letters), &readings, depth});
        if (letters != text) base64(letters, &readings, depth, before[depth + 1]);
    }
}

Mask::Mask(const std::vector<std::string>& values, std::string cover) : cover_(std::move(cover)) {
    std::set<std::string> plain, read;
    std::map<std::string, std::size_t> base64;
    for (const std::string& value : values) {
        if (value.size() < shortest) continue;
        const MaskForms forms = forms_of(value);
        plain.insert(forms.plain.begin(), forms.plain.end());
        read.insert(forms.read.begin(), forms.read.end());
        for (const Base64Form& form : forms.base64) base64.emplace(form.letters, form.sure_after);
    }
    const auto add = [&](Needles& needles, const std::string& text, std::size_t sure_after, bool is_rest = false) {
        auto borders = borders_of(text);
        const std::size_t period = text.size() - sure_after - borders_of(text.substr(sure_after)).back();
        auto mirror = borders_of(std::string(text.rbegin(), text.rend()));
        needles.push_back({text, sure_after, is_rest, period, std::move(borders), std::move(mirror)});
        longest_ = std::max(longest_, text.size() * Readings::bytes_each_max);
    };
    for (const std::string& text : plain) add(plain_, text, 0);
    for (const std::string& text : read) add(read_, text, 0);
    for (const auto& [text, sure_after] : base64)
        for (std::size_t gone = 0; gone <= sure_after; ++gone)
            add(base64_, text.substr(gone), sure_after - gone, gone > 0);
}

void Mask::mark_within(const View& view, std::vector<Stretch>& all) {
    for (const Needle& needle : view.needles) {
        if (needle.is_rest) continue;
        const std::string_view sure = std::string_view(needle.text).substr(needle.sure_after);
        for (std::size_t at = find_from(view.letters, sure, 0); at != std::string_view::npos;
             at = find_from(view.letters, sure, at + needle.period)) {
            // The letters before it belong to the needle too, back to the beginning of the line.
            std::size_t first = at, left = needle.sure_after;
            while (left > 0 && first > 0 && !view.after_break(first) &&
                   view.letters[first - 1] == needle.text[left - 1])
                --first, --left;
            if (left > 0 && !view.after_break(first)) continue;
            const Stretch found{view.begin_of(first), view.end_of(at + sure.size() - 1)};
            if (!all.empty() && all.back().begin <= found.begin && found.begin <= all.back().end)
                all.back().end = std::max(all.back().end, found.end);
            else all.push_back(found);
        }
    }
}

// Marks the end of a value whose beginning is missing because the text was cut. The cut may be inside an encoded
// letter, so the text is read from each of the first bytes that may belong to that letter.
void Mask::mark_begin(std::string_view text, Edge end, std::vector<Stretch>& all) const {
    for (std::size_t from = 0; from < std::min(text.size(), Readings::bytes_each_max); ++from) {
        if (from > 0 && static_cast<unsigned char>(text[from - 1]) < ' ') return;  // not part of an encoded letter
        const std::string_view window = text.substr(from, longest_);
        const auto use = [&](const View& view) {
            for (const Needle& needle : view.needles) {
                if (needle.is_rest) continue;
                const std::size_t rest = view.left_over(needle);
                if (rest >= shortest) all.push_back({0, from + view.end_of(rest - 1)});
                if (end == Edge::cut && window.size() == text.size() - from && view.letters.size() >= shortest &&
                    view.letters.size() < needle.text.size() &&
                    find_from(needle.text, view.letters, 0) != std::string_view::npos)
                    all.push_back({0, text.size()});
            }
        };
        each_view(window, Readings(window, Reading::Tail::kept), at_begin, use);
        if (end == Edge::cut) each_view(window, Readings(window, Reading::Tail::left_out), at_begin, use);
    }
}

void Mask::mark_end(std::string_view text, Before before, std::vector<Stretch>& all) const {
    for (const Reading::Tail tail : {Reading::Tail::left_out, Reading::Tail::kept})
        each_view(text, Readings(text, tail), before, [&](const View& view) {
            for (const Needle& needle : view.needles) {
                const std::size_t at = view.begun(needle);
                if (view.letters.size() - at >= shortest) all.push_back({view.begin_of(at), text.size()});
            }
        });
}

// The stretches, sorted and not touching.
std::vector<Mask::Stretch> Mask::marks(std::string_view text, const Readings& readings, Before before, Edge begin,
                                       Edge end) const {
    std::vector<Stretch> all;
    each_view(text, readings, before, [&](const View& view) { mark_within(view, all); });
    if (begin == Edge::cut) mark_begin(text, end, all);
    if (end == Edge::cut) mark_end(text, before, all);
    std::sort(all.begin(), all.end(), [](const Stretch& a, const Stretch& b) { return a.begin < b.begin; });
    std::vector<Stretch> merged;
    for (const Stretch& one : all) {
        if (!merged.empty() && one.begin <= merged.back().end) merged.back().end = std::max(merged.back().end, one.end);
        else merged.push_back(one);
    }
    return merged;
}

// Whether a blank comes before that position, in the text and in each reading. `before`: the same before the text.
Mask::Before Mask::before_of(std::string_view text, const Readings& readings, std::size_t at, Before before) {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    if (at > 0) before[0] = blank(text[at - 1]);
    for (std::size_t depth = 0; depth < Readings::depth_max; ++depth) {
        if (depth >= readings.size()) {
            before[depth + 1] = before[depth];
            continue;
        }
        const std::size_t letter = readings.letter_at(depth, at);
        if (letter > 0) before[depth + 1] = blank(readings.text(depth)[letter - 1]);
    }
    return before;
}

// The number of the first `until` bytes that later text cannot change: stops before the possible beginning of a value
// or of an encoded letter. `readings`: of the text, which may be longer.
std::size_t Mask::settled(std::string_view text, const Readings& readings, Before before, std::size_t until) const {
    const std::size_t from = readings.apart(until - std::min(until, longest_));
    const std::string_view near = text.substr(from, until - from);
    const Readings last(near, Reading::Tail::left_out);
    std::size_t least = near.size();
    each_view(near, last, from == 0 ? before : before_of(text, readings, from, before), [&](const View& view) {
        for (const Needle& needle : view.needles) {
            const std::size_t at = view.begun(needle);
            if (at < view.letters.size()) least = std::min(least, view.begin_of(at));
        }
        if (view.joined == nullptr) least = std::min(least, view.begin_of(view.letters.size()));
    });
    return std::min(until, from + last.apart(least));
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

// Appends the first `until` bytes of the segment to `out`, with their stretches covered. If a stretch continues after
// them, covered_ is the number of its bytes that are left.
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

// Handles a complete segment: no more text follows in it.
void MaskStream::flush(std::string_view segment, Mask::Edge end, std::string& out) {
    emit(segment.size(), segment, mask_.marks(segment, Readings(segment, Reading::Tail::kept), before_, begin_, end),
         out);
    covered_ = 0;
    after_cover_ = false;
    before_ = Mask::at_begin;
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
    const std::size_t at_once = std::max(piece_bytes, mask_.longest());
    std::string out;
    for (std::size_t at = 0; at < piece.size(); at += at_once) take(piece.substr(at, at_once), out);
    return out;
}

void MaskStream::take(std::string_view piece, std::string& out) {
    held_ += piece;
    take_gaps(out);
    // The rest of a value at a cut can only be found when enough text has arrived.
    if (begin_ == Mask::Edge::cut && held_.size() < mask_.longest()) return;
    const std::string_view all = held_;
    const Readings readings(all, Reading::Tail::left_out);
    const std::size_t before_gap = std::min(find_gap(all).begun, all.size());
    std::size_t until = mask_.settled(all, readings, before_, all.size());
    if (before_gap < all.size()) until = std::min(until, mask_.settled(all, readings, before_, before_gap));
    until = readings.apart(until);
    emit(until, held_, mask_.marks(held_, readings, before_, begin_, Mask::Edge::whole), out);
    if (until > 0) begin_ = Mask::Edge::whole;
    before_ = Mask::before_of(held_, readings, until, before_);
    held_.erase(0, until);
}

std::string MaskStream::end(Mask::Edge end) {
    std::string out;
    flush(std::exchange(held_, {}), end, out);
    return out;
}

}  // namespace mc
