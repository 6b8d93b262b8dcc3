// characters.h — the characters of UTF-8 text, and characters that look like ASCII but are not.
//
// For messages about a text that must be ASCII: the whole character, its name, and what to write instead. For
// terminals: a text without control characters.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mc {

// The size in bytes of the character at the beginning of the text; 0 if it is not UTF-8 or the text is empty.
std::size_t utf8_length(std::string_view text);

// The size in bytes of the control character (U+0000 to U+001F, U+007F to U+009F) at the beginning of the text; 0 if
// there is none.
std::size_t control_length(std::string_view text);

// A character that is not printable ASCII, a tab or a line end.
struct OddCharacter {
    std::size_t at = 0;   // offset of its first byte
    std::string shown;    // the whole character; "" if it cannot be shown
    std::string name;     // "U+2013, an en dash", "the byte 0xff, which is not UTF-8"
    std::string instead;  // the ASCII replacement; only if `known`
    bool known = false;   // whether a replacement is known; it may be empty
    // "'–' (U+2013, an en dash)"
    std::string text() const;
};

// The first such character; nullopt if the text has none.
std::optional<OddCharacter> odd_character(std::string_view text);

// The text with each odd character replaced by its ASCII replacement, and a dash by `dash`; nullopt if one of them has
// no known replacement, or if the text has no odd character.
std::optional<std::string> in_ascii(std::string_view text, std::string_view dash = "-");

// The text with each control character and each byte that is not UTF-8 written as "\x1b". Characters in `kept` stay.
std::string visible(std::string_view text, std::string_view kept = "\n\t");

}  // namespace mc
