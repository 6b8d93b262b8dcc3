// mime.h — text as headers and bodies of a mail can carry it (RFC 2045, 2047). Pure.
#pragma once

#include <string>
#include <string_view>

namespace mc::notify {

// A header's text on lines of at most 998 bytes: ASCII as it is, other UTF-8 as encoded words. Control
// characters become blanks.
std::string header_text(std::string_view text);

// Whether the text may go as it is, "8bit": no NUL, no line longer than 998 bytes.
bool fits_8bit(std::string_view text);

// The text as quoted-printable, lines ending in "\n".
std::string quoted_printable(std::string_view text);

}  // namespace mc::notify
