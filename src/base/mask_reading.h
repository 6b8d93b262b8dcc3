// mask_reading.h — a text as programs read it that undo an encoding: percent signs (URLs, forms), backslashes (JSON, C,
// shells), entities (XML, HTML); and where in the text each letter came from. Pure.
//
// Whatever looks like an encoded letter becomes that letter; all else stays:
//   %2F                            a byte
//   \/ \" \n \x2f \057 \u002f      what C and JSON say; a pair of surrogates is one letter, in UTF-8
//   &amp; &#38; &#x26;             a letter, in UTF-8
// No line end and no NUL byte is ever part of an encoded letter: readings of a text from a line's begin on agree.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mc {

class Reading {
   public:
    // What the text's end may be the beginning of, "%2": left out, as more may come, or taken as it is.
    enum class Tail { left_out, kept };

    // `introducers`: which of "%\\&" are undone.
    static Reading decoded(std::string_view text, Tail tail, std::string_view introducers = "%\\&");
    // Without blanks and line ends, as readers of base64 take it.
    static Reading joined(std::string_view text);

    const std::string& text() const { return text_; }
    // Whether anything was read in another way.
    bool differs() const { return !joints_.empty(); }

    // Where in the source the `at`th letter begins, and where it ends.
    std::size_t begin_of(std::size_t at) const;
    std::size_t end_of(std::size_t at) const;
    // The letter that the byte of the source is part of, or is the first after.
    std::size_t letter_at(std::size_t source) const;

   private:
    // `size` letters that came of `source_size` bytes. Between two joints each byte is a letter.
    struct Joint {
        std::size_t at, size, source, source_size;
    };
    void take(std::string_view letters, std::size_t source, std::size_t source_size);
    const Joint* joint_before(std::size_t at) const;

    std::string text_;
    std::vector<Joint> joints_;
};

// The readings of a text one after the other: once, of what was read once more, and so on, as far as that changes it
// (JSON in JSON). Places are those of the text.
class Readings {
   public:
    static constexpr std::size_t depth_max = 3;
    // More than an encoded byte takes after `depth_max` encodings: so much is looked at near a cut.
    static constexpr std::size_t bytes_each_max = 18;

    Readings(std::string_view text, Reading::Tail tail);

    std::size_t size() const { return all_.size(); }
    const std::string& text(std::size_t depth) const { return all_[depth].text(); }
    std::size_t begin_of(std::size_t depth, std::size_t at) const;
    std::size_t end_of(std::size_t depth, std::size_t at) const;
    // The letter of that reading which the byte of the text is part of, or is the first after.
    std::size_t letter_at(std::size_t depth, std::size_t at) const;
    // Whether any of them is not the text.
    bool differs() const { return all_.front().differs(); }
    // The last place up to `at` that is inside no encoded letter of any reading.
    std::size_t apart(std::size_t at) const;

   private:
    std::vector<Reading> all_;
};

}  // namespace mc
