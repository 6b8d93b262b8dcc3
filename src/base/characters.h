// characters.h — the characters of a text in UTF-8, and those that look like ASCII and are not.
//
// For messages about a text that has to be ASCII: the whole character, its name, and what to write instead. And for a
// terminal: a text in which no control character is left.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mc {

// The bytes of the character at the text's beginning; 0 when it is not UTF-8, or the text is empty.
std::size_t utf8_length(std::string_view text);

// The bytes of the control character (U+0000 to U+001F, U+007F to U+009F) at the text's beginning; 0 when there is none.
std::size_t control_length(std::string_view text);

// A character that is not printable ASCII, a tab or a line's end.
struct OddCharacter {
    std::size_t at = 0;   // its first byte
    std::string shown;    // the whole character; "" where it cannot be shown
    std::string name;     // "U+2013, an en dash", "the byte 0xff, which is not UTF-8"
    std::string instead;  // the ASCII that was meant; only where `known`
    bool known = false;   // it is known what was meant; be it nothing
    // "'–' (U+2013, an en dash)"
    std::string text() const;
};

// The first one; nullopt when the text has none.
std::optional<OddCharacter> odd_character(std::string_view text);

// The text with each odd character as what was meant by it, a dash as `dash`; nullopt where that is not known of all,
// or there is none.
std::optional<std::string> in_ascii(std::string_view text, std::string_view dash = "-");

// The text with each control character, and each byte that is not UTF-8, written out: "\x1b". Those in `kept` stay.
std::string visible(std::string_view text, std::string_view kept = "\n\t");

}  // namespace mc
