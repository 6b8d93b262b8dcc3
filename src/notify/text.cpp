#include "notify/text.h"

namespace mc::notify {
namespace {

constexpr std::string_view ellipsis = "…";
constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

unsigned char byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

bool continues(std::string_view text, std::size_t at) {
    return at < text.size() && (byte_at(text, at) & 0xC0U) == 0x80U;
}

// The length of the UTF-8 character that begins at `at`; 0 when there is none (RFC 3629, table 3-7 of
// Unicode: no overlong forms, no surrogates, nothing beyond U+10FFFF).
std::size_t utf8_length(std::string_view text, std::size_t at) {
    const unsigned first = byte_at(text, at);
    if (first < 0x80U) return 1;
    const std::size_t length = first >= 0xF0U ? 4 : first >= 0xE0U ? 3 : 2;
    if (first < 0xC2U || first > 0xF4U) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if (!continues(text, at + i)) return 0;
    const unsigned second = byte_at(text, at + 1);
    if ((first == 0xE0U && second < 0xA0U) || (first == 0xEDU && second > 0x9FU)) return 0;
    if ((first == 0xF0U && second < 0x90U) || (first == 0xF4U && second > 0x8FU)) return 0;
    return length;
}

// Where an escape sequence that begins at `at` ends (ECMA-48: CSI, OSC, and two-character ones).
std::size_t after_escape(std::string_view text, std::size_t at) {
    std::size_t i = at + 1;
    if (i >= text.size()) return i;
    const char kind = text[i++];
    if (kind == '[') {
        while (i < text.size() && (text[i] < '@' || text[i] > '~')) ++i;
        return i < text.size() ? i + 1 : i;
    }
    if (kind == ']') {
        while (i < text.size() && text[i] != '\a' && text[i] != '\x1b') ++i;
        const bool two = i + 1 < text.size() && text[i] == '\x1b';
        return i < text.size() ? i + (two ? 2 : 1) : i;
    }
    return i;
}

std::size_t escaped_width(char c) {
    switch (c) {
        case '&': return 5;
        case '<':
        case '>': return 4;
        default: return 1;
    }
}

std::size_t escaped_width(std::string_view text) {
    std::size_t width = 0;
    for (const char c : text) width += escaped_width(c);
    return width;
}

}  // namespace

std::string clean_text(std::string_view raw) {
    std::string out;
    out.reserve(raw.size());
    std::size_t line = 0;  // where the current line of `out` begins
    for (std::size_t i = 0; i < raw.size();) {
        const char c = raw[i];
        if (c == '\x1b') {
            i = after_escape(raw, i);
            continue;
        }
        if (c == '\r' && i + 1 < raw.size() && raw[i + 1] != '\n' && raw[i + 1] != '\r') out.resize(line);
        if (c == '\n' || c == '\t') out += c;
        if (c == '\n') line = out.size();
        if (byte_at(raw, i) < 0x20U || c == '\x7f') {
            ++i;
            continue;
        }
        const std::size_t length = utf8_length(raw, i);
        out += length == 0 ? replacement : raw.substr(i, length);
        i += length == 0 ? 1 : length;
    }
    return out;
}

std::string slack_escape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            default: out += c;
        }
    }
    return out;
}

std::string fit_start(std::string_view text, std::size_t limit) {
    if (escaped_width(text) <= limit) return std::string(text);
    std::size_t end = 0;
    for (std::size_t width = ellipsis.size(); end < text.size(); ++end) {
        width += escaped_width(text[end]);
        if (width > limit) break;
    }
    while (end > 0 && continues(text, end)) --end;
    return std::string(text.substr(0, end)).append(ellipsis);
}

std::string fit_end(std::string_view text, std::size_t limit) {
    if (escaped_width(text) <= limit) return std::string(text);
    std::size_t begin = text.size();
    for (std::size_t width = ellipsis.size(); begin > 0; --begin) {
        width += escaped_width(text[begin - 1]);
        if (width > limit) break;
    }
    while (continues(text, begin)) ++begin;
    return std::string(ellipsis).append(text.substr(begin));
}

std::string last_lines(std::string_view text, std::size_t count) {
    const std::size_t end = text.find_last_not_of(" \t\n");
    if (end == std::string_view::npos) return {};
    text = text.substr(0, end + 1);
    std::size_t begin = text.size();
    for (std::size_t lines = 0; lines < count && begin != 0 && begin != std::string_view::npos; ++lines)
        begin = text.rfind('\n', begin - 1);
    text = begin == std::string_view::npos || begin == 0 ? text : text.substr(begin + 1);
    return std::string(text.substr(text.find_first_not_of('\n')));
}

}  // namespace mc::notify
