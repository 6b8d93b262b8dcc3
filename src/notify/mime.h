// mime.h — encodes text for the headers and the body of a mail (RFC 2045, 2047). Pure.
#pragma once

#include <string>
#include <string_view>

namespace mc::notify {

// A header's text on lines of at most 998 bytes: ASCII unchanged, other UTF-8 as encoded words. Control
// characters become blanks. Only the first 900 bytes of the text are used.
std::string header_text(std::string_view text);

// Whether the text can be sent unencoded, as "8bit": no NUL, no line longer than 998 bytes.
bool fits_8bit(std::string_view text);

// The text as quoted-printable, lines ending in "\n".
std::string quoted_printable(std::string_view text);

}  // namespace mc::notify
