#include "crontab/mail_setting.h"

#include <algorithm>

namespace mc {

namespace {

bool names_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string expanded(const std::string& text, const std::map<std::string, std::string>& env) {
    const std::size_t dollar = text.find('$');
    if (dollar == std::string::npos) return text;
    const bool braced = dollar + 1 < text.size() && text[dollar + 1] == '{';
    const std::size_t begin = dollar + (braced ? 2 : 1);
    std::size_t end = begin;
    while (end < text.size() && names_letter(text[end])) ++end;
    const std::string name = text.substr(begin, end - begin);
    const bool closed = !braced || (end < text.size() && text[end] == '}');
    if (name.empty() || !closed) return text;
    const auto value = env.find(name);
    return text.substr(0, dollar) + (value == env.end() ? "" : value->second) + text.substr(end + (braced ? 1 : 0));
}

}  // namespace

std::optional<std::string> mail_setting(const CrontabEntry& entry, const std::string& name) {
    const std::optional<std::string> set = entry.setting(name);
    if (!set) return {};
    std::string text = expanded(*set, cron_environment(entry, ""));
    std::erase_if(text, [](char c) { return c == ' ' || c == '\t'; });
    return text;
}

}  // namespace mc
