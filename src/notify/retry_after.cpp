#include "notify/retry_after.h"

#include <algorithm>
#include <charconv>
#include <locale>
#include <sstream>

namespace mc::notify {
namespace {

// More digits could overflow; such a value is ignored.
constexpr std::size_t digits_max = 9;
// A server that asks for a longer pause is tried again after this one, because messages are given up after 3 days.
constexpr Seconds longest_rest{3600};

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// The preferred form of a date, "Fri, 20 Nov 2026 21:00:00 GMT", and the two that a client must still read.
std::optional<Instant> parse_http_date(std::string_view value) {
    for (const char* format : {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"}) {
        std::istringstream in{std::string(value)};
        in.imbue(std::locale::classic());
        Instant instant;
        in >> date::parse(format, instant);
        if (!in.fail() && in.peek() == std::istringstream::traits_type::eof()) return instant;
    }
    return std::nullopt;
}

std::optional<Seconds> parse_rest(std::string_view value, Instant now) {
    value = trimmed(value);
    const bool number = !value.empty() && value.find_first_not_of("0123456789") == std::string_view::npos;
    if (number && value.size() <= digits_max) {
        long long seconds = 0;
        std::from_chars(value.data(), value.data() + value.size(), seconds);
        return Seconds{seconds};
    }
    const std::optional<Instant> date = parse_http_date(value);
    if (!date) return std::nullopt;
    return std::max(Seconds{0}, *date - now);
}

}  // namespace

std::optional<Seconds> parse_retry_after(std::string_view value, Instant now) {
    const auto rest = parse_rest(value, now);
    return rest ? std::optional(std::min(*rest, longest_rest)) : std::nullopt;
}

}  // namespace mc::notify
