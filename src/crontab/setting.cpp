#include "crontab/setting.h"

namespace mc {

namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_quote(char c) { return c == '\'' || c == '"'; }

void skip_space(std::string_view& rest) {
    while (!rest.empty() && is_space(rest.front())) rest.remove_prefix(1);
}

// The text between two equal quotes at the front; nullopt if the second quote is missing.
std::optional<std::string> take_quoted(std::string_view& rest) {
    const auto end = rest.find(rest.front(), 1);
    if (end == std::string_view::npos) return std::nullopt;
    std::string inside(rest.substr(1, end - 1));
    rest.remove_prefix(end + 1);
    return inside;
}

std::optional<std::string> take_name(std::string_view& rest) {
    if (!rest.empty() && is_quote(rest.front())) return take_quoted(rest);
    std::size_t end = 0;
    while (end < rest.size() && rest[end] != '=' && !is_space(rest[end])) ++end;
    std::string name(rest.substr(0, end));
    rest.remove_prefix(end);
    return name;
}

std::optional<std::string> take_value(std::string_view rest) {
    if (!rest.empty() && is_quote(rest.front())) {
        auto value = take_quoted(rest);
        skip_space(rest);
        return rest.empty() ? value : std::nullopt;
    }
    while (!rest.empty() && is_space(rest.back())) rest.remove_suffix(1);
    return std::string(rest);
}

}  // namespace

std::optional<std::pair<std::string, std::string>> parse_setting(std::string_view line) {
    skip_space(line);
    auto name = take_name(line);
    if (!name) return std::nullopt;
    skip_space(line);
    if (line.empty() || line.front() != '=') return std::nullopt;
    line.remove_prefix(1);
    skip_space(line);
    auto value = take_value(line);
    if (!value) return std::nullopt;
    return std::pair(std::move(*name), std::move(*value));
}

}  // namespace mc
