#include "base/spelling.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/characters.h"

namespace mc {

std::string toml_quoted(std::string_view text) {
    std::string out = "\"";
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        const std::size_t control = control_length(text.substr(at));
        at += std::max<std::size_t>(control, 1);
        if (c == '"' || c == '\\') out += fmt::format("\\{}", c);
        else if (c == '\n') out += "\\n";
        else if (c == '\t') out += "\\t";
        else if (control > 0)  // the last byte is the character's code, also for control characters of two bytes
            out += fmt::format("\\u{:04x}", static_cast<unsigned char>(text[at - 1]));
        else out += c;
    }
    return out + "\"";
}

bool is_environment_name(std::string_view name) {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto good = [&](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || digit(c) || c == '_'; };
    return !name.empty() && !digit(name.front()) && std::all_of(name.begin(), name.end(), good);
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

std::string listed(const std::vector<std::string>& names, std::size_t most) {
    std::string text;
    const std::size_t named = std::min(names.size(), most), left = names.size() - named;
    for (std::size_t i = 0; i < named; ++i)
        text += (i == 0 ? "" : i + 1 == named && left == 0 ? " and " : ", ") + names[i];
    return left > 0 ? fmt::format("{} and {} more", text, left) : text;
}

std::string counted(std::size_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace mc
