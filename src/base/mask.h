// mask.h — replaces secret values in texts. Pure.
//
// Every occurrence of every value is marked, including overlapping ones, and each marked stretch is replaced by one
// cover. An occurrence is the value itself; any encoding of it that mask_reading.h decodes (JSON, URLs, forms, XML; up
// to three times, with any of its letters encoded or not); and base64, also broken into lines. At a cut in the text,
// the part of a value that is left is covered too, if it has at least `shortest` bytes: at an edge that the caller
// declares as cut, next to a hole (64 NUL bytes or more), and next to a note of output_file.h,
// "[... 17 bytes left out ...]".
//
// Bounds   values shorter than `shortest` bytes are not covered: "a" would make every text unreadable.
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
    // Bytes of the longest form, encoded: this much text decides whether a position is inside a value.
    std::size_t longest() const { return longest_; }

    // Masks the whole text.
    std::string hide(std::string_view text, Edge begin = Edge::whole, Edge end = Edge::whole) const;
    // Masks a text that still grows: returns only the part that later text cannot change.
    std::string hide_settled(std::string_view text) const;

   private:
    friend class MaskStream;
    struct Needle {
        std::string text;
        std::size_t sure_after;  // see Base64Form; 0 for other forms
        bool is_rest;            // a value whose first letters ended the previous line: only its beginning is searched
        std::size_t period;      // the least distance between two overlapping occurrences
        std::vector<std::uint32_t> borders, mirror;  // the tables of Knuth-Morris-Pratt for the text and its reverse
        bool operator==(const Needle&) const = default;
    };
    using Needles = std::vector<Needle>;
    struct Stretch {
        std::size_t begin, end;
    };
    // Whether the beginning of the text or a blank comes before a position: in the text, and in each reading.
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

// Masks a text that arrives in pieces: the joined results equal hide() of the joined pieces. The mask must outlive the
// stream. Memory: the longest form and one piece.
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
    std::string held_;          // not yet returned
    std::size_t covered_ = 0;   // number of bytes of `held_` in a stretch whose cover was already returned
    bool after_cover_ = false;  // the last returned text is a cover that `held_` may extend
    bool in_hole_ = false;      // the hole before `held_` may continue with more NUL bytes
};

}  // namespace mc
