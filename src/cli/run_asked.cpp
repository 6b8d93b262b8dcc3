#include "cli/run_asked.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace mc::app {

namespace {

// Whether it can be typed in a shell without quotes.
bool is_plain(std::string_view text) {
    constexpr std::string_view signs = "._-/:@+";
    return !text.starts_with('-') && std::all_of(text.begin(), text.end(), [&](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || signs.find(c) != std::string_view::npos;
    });
}

Result<std::int64_t> asked(const Args& args, const std::string& text, const std::string& word, std::string list) {
    auto number = run_number(text, word);
    if (number) return number;
    if (!args.config.empty()) list += " -c " + args.config;
    number.error().hint = fmt::format("`marketcron {}` lists them", list);
    return number;
}

}  // namespace

Result<std::int64_t> run_asked(const Args& args, const std::string& text) {
    const bool is_word = text.find_first_not_of("0123456789+-.,") != std::string::npos && is_plain(text);
    return asked(args, text, "RUN", is_word ? "runs " + text : "runs");
}

Result<std::int64_t> alert_asked(const Args& args, const std::string& text) {
    return asked(args, text, "ALERT", "alerts");
}

}  // namespace mc::app
