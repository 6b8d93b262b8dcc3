#include "base/mask_forms.h"

#include <fmt/format.h>

#include <algorithm>

namespace mc {

namespace {

constexpr std::size_t shortest_form = 6;

std::string json_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\b': out += "\\b"; break;
            case '\f': out += "\\f"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
                else out += c;
        }
    }
    return out;
}

std::string percent_encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '.' || c == '_' || c == '~';
        out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

// The letters of which all six bits are the text's, where `before` bytes of something else come first in their group.
std::string base64_core(std::string_view text, std::size_t before, std::string_view last_two) {
    const std::string bytes = std::string(before, '\0').append(text);
    std::string out;
    const std::size_t first = (before * 8 + 5) / 6, end = bytes.size() * 8 / 6;
    for (std::size_t letter = first; letter < end; ++letter) {
        const std::size_t bit = letter * 6, at = bit / 8;
        const auto byte = [&](std::size_t i) {
            return i < bytes.size() ? static_cast<unsigned>(static_cast<unsigned char>(bytes[i])) : 0U;
        };
        const unsigned six = (((byte(at) << 8U) | byte(at + 1)) >> (10U - bit % 8)) & 63U;
        out += six < letters.size() ? letters[six] : last_two[six - letters.size()];
    }
    return out;
}

void add_lines(std::string_view value, std::vector<std::string>& forms) {
    for (std::size_t at = 0; at < value.size();) {
        const std::size_t end = std::min(value.find('\n', at), value.size());
        std::string_view line = value.substr(at, end - at);
        at = end + 1;
        const std::size_t first = line.find_first_not_of(" \t\r");
        if (first == std::string_view::npos) continue;
        line = line.substr(first, line.find_last_not_of(" \t\r") + 1 - first);
        if (line.size() >= shortest_form) forms.emplace_back(line);
    }
}

}  // namespace

std::vector<std::string> forms_of(std::string_view value) {
    std::vector<std::string> forms{std::string(value)};
    const auto add = [&](std::string form) {
        if (form.size() >= shortest_form) forms.push_back(std::move(form));
    };
    add_lines(value, forms);
    add(json_escaped(value));
    add(percent_encoded(value));
    for (std::size_t before = 0; before < 3; ++before)
        for (const std::string_view last_two : {"+/", "-_"}) add(base64_core(value, before, last_two));
    std::sort(forms.begin(), forms.end());
    forms.erase(std::unique(forms.begin(), forms.end()), forms.end());
    return forms;
}

}  // namespace mc
