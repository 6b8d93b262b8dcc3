// mask.h — the values that must not be shown, and texts without them. Pure.
//
// Every occurrence of every value is marked, also where two overlap, and each marked stretch becomes one cover: the value
// as it is, and whatever an encoding makes of it that mask_reading.h undoes (JSON, URLs, forms, XML; up to three times,
// any of its letters encoded or not), and base64, also in lines. Where a text is cut, what is left of a value at the cut
// is covered too, from `shortest` bytes on: at an edge that the caller calls cut, beside a hole (64 NUL bytes or more)
// and beside a note of output_file.h ("[... 17 bytes left out ...]").
//
// Bounds   a value of less than `shortest` bytes is not covered: "a" would make every text unreadable.
// Time     linear in the text, for each form of each value (mask_forms.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/mask_reading.h"

namespace mc {

class Mask {
   public:
    static constexpr std::size_t shortest = 3;
    enum class Edge { whole, cut };

    Mask() = default;
    explicit Mask(const std::vector<std::string>& values, std::string cover = "***");

    bool empty() const { return plain_.empty(); }
    bool operator==(const Mask&) const = default;
    // Bytes of the longest form, encoded: so much before a place decides whether the place is inside a value.
    std::size_t longest() const { return longest_; }

    // The whole text.
    std::string hide(std::string_view text, Edge begin = Edge::whole, Edge end = Edge::whole) const;
    // Of a text that still grows, what more text cannot change.
    std::string hide_settled(std::string_view text) const;

   private:
    friend class MaskStream;
    struct Needle {
        std::string text;
        std::size_t sure_after;  // see Base64Form; 0 of all others
        bool is_rest;            // of one whose first letters ended a line: only its beginning is asked
        std::size_t period;      // the least distance of two occurrences that overlap
        std::vector<std::uint32_t> borders, mirror;  // Knuth-Morris-Pratt's tables, of the text and of its reverse
        bool operator==(const Needle&) const = default;
    };
    using Needles = std::vector<Needle>;
    struct Stretch {
        std::size_t begin, end;
    };
    // Whether nothing or a blank comes before a place: in the text, and in each reading.
    using Before = std::array<bool, Readings::depth_max + 1>;
    static constexpr Before at_begin{true, true, true, true};
    static Before before_of(std::string_view text, const Readings& readings, std::size_t at, Before before);
    struct View;
    template <class Use>
    void each_view(std::string_view text, const Readings& readings, Before before, Use use) const;
    static void mark_within(const View& view, std::vector<Stretch>& all);
    void mark_begin(std::string_view text, Edge end, std::vector<Stretch>& all) const;
    void mark_end(std::string_view text, Before before, std::vector<Stretch>& all) const;
    std::vector<Stretch> marks(std::string_view text, const Readings& readings, Before before, Edge begin,
                               Edge end) const;
    std::size_t settled(std::string_view text, const Readings& readings, Before before, std::size_t until) const;

    Needles plain_, read_, base64_;
    std::string cover_;
    std::size_t longest_ = 0;
};

// The same for a text that comes in pieces: the joined results are hide() of the joined pieces. The mask must outlive
// it. Memory: the longest form and one piece.
class MaskStream {
   public:
    explicit MaskStream(const Mask& mask, Mask::Edge begin = Mask::Edge::whole) : mask_(mask), begin_(begin) {}

    std::string add(std::string_view piece);
    std::string end(Mask::Edge end = Mask::Edge::whole);

   private:
    void take(std::string_view piece, std::string& out);
    void take_gaps(std::string& out);
    void flush(std::string_view segment, Mask::Edge end, std::string& out);
    void emit(std::size_t until, std::string_view segment, const std::vector<Mask::Stretch>& marks, std::string& out);

    const Mask& mask_;
    Mask::Edge begin_;
    Mask::Before before_ = Mask::at_begin;
    std::string held_;          // not yet given out
    std::size_t covered_ = 0;   // so many bytes of `held_` are in a stretch whose cover was given out
    bool after_cover_ = false;  // what was given out last is a cover that `held_` may prolong
    bool in_hole_ = false;      // more NUL bytes belong to the hole before `held_`
};

}  // namespace mc
