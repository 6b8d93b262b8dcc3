// mask_reading.h — a text as programs read it that decode percent signs (URLs, forms), backslashes (JSON, C, shells)
// and entities (XML, HTML), and the position in the text of each decoded letter. Pure.
//
// Everything that looks like an encoded letter becomes that letter; the rest is unchanged:
//   %2F                            a byte
//   \/ \" \n \x2f \057 \u002f      the escapes of C and JSON; a pair of surrogates is one letter, in UTF-8
//   &amp; &#38; &#x26;             a letter, in UTF-8
// A line end or a NUL byte is never part of an encoded letter, so readings that start at the beginning of a line agree.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mc {

class Reading {
   public:
    // An incomplete encoded letter at the end of the text, such as "%2": left out because more may follow, or kept as
    // it is.
    enum class Tail { left_out, kept };

    // `introducers`: which of "%\\&" are decoded.
    static Reading decoded(std::string_view text, Tail tail, std::string_view introducers = "%\\&");
    // Without blanks and line ends, as base64 readers take it.
    static Reading joined(std::string_view text);

    const std::string& text() const { return text_; }
    // Whether the reading differs from the text.
    bool differs() const { return !joints_.empty(); }

    // The begin and end in the source of the letter at `at`.
    std::size_t begin_of(std::size_t at) const;
    std::size_t end_of(std::size_t at) const;
    // The letter that contains the byte of the source, or the first one after it.
    std::size_t letter_at(std::size_t source) const;

   private:
    // `size` letters decoded from `source_size` bytes. Between two joints each byte is one letter.
    struct Joint {
        std::size_t at, size, source, source_size;
    };
    void take(std::string_view letters, std::size_t source, std::size_t source_size);
    const Joint* joint_before(std::size_t at) const;

    std::string text_;
    std::vector<Joint> joints_;
};

// The readings of a text, one after the other: decoded once, decoded again, and so on, as long as the text changes
// (JSON in JSON). Positions are positions in the text.
class Readings {
   public:
    static constexpr std::size_t depth_max = 3;
    // More than one byte takes after `depth_max` encodings: this much is read near a cut.
    static constexpr std::size_t bytes_each_max = 18;

    Readings(std::string_view text, Reading::Tail tail);

    std::size_t size() const { return all_.size(); }
    const std::string& text(std::size_t depth) const { return all_[depth].text(); }
    std::size_t begin_of(std::size_t depth, std::size_t at) const;
    std::size_t end_of(std::size_t depth, std::size_t at) const;
    // The letter of that reading that contains the byte of the text, or the first one after it.
    std::size_t letter_at(std::size_t depth, std::size_t at) const;
    // Whether any reading differs from the text.
    bool differs() const { return all_.front().differs(); }
    // The last position up to `at` that is not inside an encoded letter of any reading.
    std::size_t apart(std::size_t at) const;

   private:
    std::vector<Reading> all_;
};

}  // namespace mc
