#include "notify/mime.h"

#include <fmt/format.h>

#include <algorithm>

namespace mc::notify {
namespace {

constexpr std::size_t line_max = 998;         // RFC 5322, 2.1.1
constexpr std::size_t header_max = 900;       // our limit: one line, with room for the header's name
constexpr std::size_t encoded_line_max = 76;  // RFC 2045, 6.7 (5)
constexpr std::size_t encoded_word_max = 75;  // RFC 2047, 2
constexpr std::string_view word_start = "=?UTF-8?Q?", word_end = "?=";

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string escaped(char c) { return fmt::format("={:02X}", static_cast<unsigned char>(c)); }

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// One character of a header's encoded word.
std::string in_word(char c) {
    if (c == ' ') return "_";
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("!*+-/").find(c) != std::string_view::npos;
    return plain ? std::string(1, c) : escaped(c);
}

}  // namespace

std::string header_text(std::string_view text) {
    std::string clean(text.substr(0, header_max));
    if (text.size() > header_max)
        while (!clean.empty() && continues_character(text[clean.size()])) clean.pop_back();
    for (char& c : clean)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    if (is_ascii(clean)) return clean;
    std::string out, word;
    const auto close = [&] {
        out += fmt::format("{}{}{}{}", out.empty() ? "" : "\n ", word_start, word, word_end);
        word.clear();
    };
    for (std::size_t at = 0; at < clean.size();) {
        std::string character;  // a word ends at a character's end
        do character += in_word(clean[at++]);
        while (at < clean.size() && continues_character(clean[at]));
        if (word_start.size() + word.size() + character.size() + word_end.size() > encoded_word_max) close();
        word += character;
    }
    close();
    return out;
}

bool fits_8bit(std::string_view text) {
    std::size_t line = 0;
    for (const char c : text) {
        line = c == '\n' ? 0 : line + 1;
        if (c == '\0' || line > line_max) return false;
    }
    return true;
}

std::string quoted_printable(std::string_view text) {
    std::string out, line;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '\n') {
            out += line + "\n";
            line.clear();
            continue;
        }
        const bool blank_at_end = (c == ' ' || c == '\t') && (at + 1 == text.size() || text[at + 1] == '\n');
        const bool plain = (c >= ' ' && c <= '~' && c != '=') || c == '\t';
        const std::string piece = plain && !blank_at_end ? std::string(1, c) : escaped(c);
        if (line.size() + piece.size() >= encoded_line_max) {
            out += line + "=\n";
            line.clear();
        }
        line += piece;
    }
    return out + line;
}

}  // namespace mc::notify
