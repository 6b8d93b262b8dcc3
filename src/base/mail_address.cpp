#include "base/mail_address.h"

#include <algorithm>

namespace mc {

namespace {

constexpr std::size_t address_max = 254;  // RFC 5321, 4.5.3.1.3, without the angle brackets

bool is_one_address(std::string_view text) {
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    const auto fits = [&](char c) {
        return letter(c) || std::string_view("@!:%-._+=").find(c) != std::string_view::npos;
    };
    if (text.empty() || text.size() > address_max || !letter(text.front())) return false;
    if (!std::all_of(text.begin(), text.end(), fits)) return false;
    const std::size_t at = text.find('@');
    return at == std::string_view::npos || (at > 0 && at + 1 < text.size() && text.find('@', at + 1) == text.npos);
}

}  // namespace

bool is_mail_address(std::string_view text) {
    while (true) {
        const std::size_t comma = text.find(',');
        if (!is_one_address(text.substr(0, comma))) return false;
        if (comma == std::string_view::npos) return true;
        text.remove_prefix(comma + 1);
    }
}

}  // namespace mc
