#include "base/characters.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mc {

namespace {

struct LookAlike {
    char32_t code;
    std::string_view name, instead;
};

constexpr std::array look_alikes{
    LookAlike{0x00a0, "a no-break space", " "},
    LookAlike{0x00d7, "a multiplication sign", "*"},
    LookAlike{0x2002, "an en space", " "},
    LookAlike{0x2003, "an em space", " "},
    LookAlike{0x2007, "a figure space", " "},
    LookAlike{0x2009, "a thin space", " "},
    LookAlike{0x200a, "a hair space", " "},
    LookAlike{0x200b, "a zero-width space", ""},
    LookAlike{0x200c, "an invisible character", ""},
    LookAlike{0x200d, "an invisible character", ""},
    LookAlike{0x200e, "an invisible character", ""},
    LookAlike{0x200f, "an invisible character", ""},
    LookAlike{0x2010, "a hyphen", "-"},
    LookAlike{0x2011, "a no-break hyphen", "-"},
    LookAlike{0x2012, "a figure dash", "-"},
    LookAlike{0x2013, "an en dash", "-"},
    LookAlike{0x2014, "an em dash", "-"},
    LookAlike{0x2018, "a quotation mark", ""},
    LookAlike{0x2019, "a quotation mark", ""},
    LookAlike{0x201c, "a quotation mark", ""},
    LookAlike{0x201d, "a quotation mark", ""},
    LookAlike{0x2025, "a two-dot leader", ".."},
    LookAlike{0x2026, "an ellipsis", ".."},
    LookAlike{0x202f, "a narrow no-break space", " "},
    LookAlike{0x2044, "a fraction slash", "/"},
    LookAlike{0x2212, "a minus sign", "-"},
    LookAlike{0x2215, "a division slash", "/"},
    LookAlike{0x2217, "an asterisk operator", "*"},
    LookAlike{0x223c, "a tilde operator", "~"},
    LookAlike{0x3000, "an ideographic space", " "},
    LookAlike{0x3001, "an ideographic comma", ","},
    LookAlike{0xfeff, "a byte order mark", ""},
};

// Full-width forms of ! to ~, in the same order as in ASCII.
constexpr char32_t wide_first = 0xff01, wide_last = 0xff5e;

char32_t code_of(std::string_view character) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
    if (character.size() == 1) return byte(0);
    char32_t code = byte(0) & (0xffU >> (character.size() + 1));
    for (std::size_t i = 1; i < character.size(); ++i) code = code << 6 | (byte(i) & 0x3fU);
    return code;
}

bool is_plain(std::string_view character) {
    const char c = character.front();
    return character.size() == 1 && ((c >= ' ' && c <= '~') || c == '\t' || c == '\n' || c == '\r');
}

bool is_control(char32_t code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

OddCharacter described(std::string_view character, std::size_t at) {
    const char32_t code = code_of(character);
    const bool control = is_control(code);
    OddCharacter odd;
    odd.at = at;
    odd.shown = control ? "" : character;
    odd.name = fmt::format("U+{:04X}", static_cast<std::uint32_t>(code));
    if (control) odd.name += ", a control character";
    if (code >= wide_first && code <= wide_last) {
        odd.name += ", a full-width character";
        odd.instead = static_cast<char>(code - wide_first + '!');
        odd.known = true;
    }
    const auto alike = std::find_if(look_alikes.begin(), look_alikes.end(),
                                    [&](const LookAlike& candidate) { return candidate.code == code; });
    if (alike == look_alikes.end()) return odd;
    odd.name += fmt::format(", {}", alike->name);
    odd.instead = alike->instead;
    odd.known = true;
    return odd;
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
    if (text.empty()) return 0;
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xc2 && lead < 0xe0 ? 2
                               : lead >= 0xe0 && lead < 0xf0 ? 3
                               : lead >= 0xf0 && lead < 0xf5 ? 4
                                                             : 0;
    if (length == 0 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xc0) != 0x80) return 0;
    // Overlong forms, surrogates, and values above the last character.
    if ((lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xed && byte(1) > 0x9f)) return 0;
    if ((lead == 0xf0 && byte(1) < 0x90) || (lead == 0xf4 && byte(1) > 0x8f)) return 0;
    return length;
}

std::string OddCharacter::text() const { return shown.empty() ? name : fmt::format("'{}' ({})", shown, name); }

std::optional<OddCharacter> odd_character(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = utf8_length(text.substr(at));
        if (length == 0)
            return OddCharacter{
                at, "", fmt::format("the byte 0x{:02x}, which is not UTF-8", static_cast<unsigned char>(text[at])), "",
                false};
        if (!is_plain(text.substr(at, length))) return described(text.substr(at, length), at);
        at += length;
    }
    return {};
}

std::optional<std::string> in_ascii(std::string_view text, std::string_view dash) {
    std::string out;
    bool changed = false;
    while (const auto odd = odd_character(text)) {
        if (!odd->known) return {};
        changed = true;
        out += text.substr(0, odd->at);
        out += odd->instead == "-" ? dash : odd->instead;
        text.remove_prefix(odd->at + odd->shown.size());
    }
    if (!changed) return {};
    return out + std::string(text);
}

std::string visible(std::string_view text, std::string_view kept) {
    std::string out;
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const std::string_view character = text.substr(0, std::max<std::size_t>(length, 1));
        const char32_t code = length == 0 ? static_cast<unsigned char>(text.front()) : code_of(character);
        const bool shown = length > 0 && (!is_control(code) || kept.find(character) != std::string_view::npos);
        if (shown) out += character;
        else out += fmt::format("\\x{:02x}", static_cast<std::uint32_t>(code));
        text.remove_prefix(character.size());
    }
    return out;
}

std::size_t control_length(std::string_view text) {
    const std::size_t length = utf8_length(text);
    return length > 0 && is_control(code_of(text.substr(0, length))) ? length : 0;
}

}  // namespace mc
