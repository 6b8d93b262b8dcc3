#include "config/size.h"

#include <fmt/format.h>

#include <charconv>

namespace mc {

namespace {

constexpr std::string_view units = "KMGT";

// The exponent of 1024 for the letter; 0 if it is not a unit.
unsigned unit_power(char letter) {
    const char upper = letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
    const std::size_t at = units.find(upper);
    return at == std::string_view::npos ? 0 : static_cast<unsigned>(at) + 1;
}

}  // namespace

Result<std::uint64_t> parse_size(std::string_view text) {
    const auto bad = [&] {
        return fail(Error::Kind::config, fmt::format("invalid size \"{}\"", text),
                    "write a whole number with K, M, G or T, such as \"8G\" or \"512M\"");
    };
    std::string_view digits = text;
    const unsigned power = digits.empty() ? 0 : unit_power(digits.back());
    if (power > 0) digits.remove_suffix(1);

    std::uint64_t amount = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), amount);
    if (error != std::errc{} || end != digits.data() + digits.size() || amount == 0) return bad();
    const unsigned shift = 10 * power;
    if (amount > (std::uint64_t{INT64_MAX} >> shift)) return bad();
    return amount << shift;
}

std::string size_text(std::uint64_t bytes) {
    unsigned power = 0;
    while (bytes != 0 && bytes % 1024 == 0 && power < units.size()) {
        bytes /= 1024;
        ++power;
    }
    return power == 0 ? fmt::format("{}", bytes) : fmt::format("{}{}", bytes, units[power - 1]);
}

std::string rounded_size_text(std::uint64_t bytes) {
    unsigned power = 0;
    auto amount = static_cast<double>(bytes);
    for (; amount >= 1024 && power < units.size(); ++power) amount /= 1024;
    std::string text = fmt::format("{:.1f}", amount);
    if (text.ends_with(".0")) text.resize(text.size() - 2);
    return power == 0 ? text : text + units[power - 1];
}

}  // namespace mc
