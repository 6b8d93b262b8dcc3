// args.cpp — the values of options, and errors as shown to the user.
#include <fmt/format.h>

#include <charconv>
#include <cstdio>

#include "base/characters.h"
#include "desk/command.h"

namespace mc::app {

std::string Args::get(std::string_view option, std::string_view otherwise) const {
    const auto it = options.find(option);
    return it == options.end() ? std::string(otherwise) : it->second;
}

std::vector<std::string> Args::all(std::string_view option) const {
    const auto it = repeated.find(option);
    return it == repeated.end() ? std::vector<std::string>{} : it->second;
}

Result<Date> Args::date(std::string_view option) const {
    if (!has(option))
        return fail(Error::Kind::usage, fmt::format("{} is missing", option),
                    fmt::format("write {} 2026-11-20", option));
    return parse_date(get(option)).map_error([&](Error error) {
        error.what = fmt::format("{}: {}", option, error.what);
        return error;
    });
}

Result<std::int64_t> Args::number(std::string_view option, std::int64_t least, std::int64_t most) const {
    const std::string text = get(option);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most)
        return fail(Error::Kind::usage,
                    fmt::format("{} `{}` is not a whole number from {} to {}", option, text, least, most),
                    fmt::format("write {} {}", option, std::max<std::int64_t>(least, 1)));
    return value;
}

Result<std::int64_t> run_number(const std::string& text, const std::string& word) {
    Args one;
    one.options[word] = text;
    return one.number(word, 1, INT64_MAX);
}

int report(const Error& error) {
    // A failed write is ignored: the daemon reports errors too, and its log may be full.
    const std::string line =
        visible(fmt::format("{}{}\n", error.spot.file.empty() ? "marketcron: " : "", error.text()));
    (void)!std::fwrite(line.data(), 1, line.size(), stderr);
    return exit_code(error.kind);
}

int report(const Errors& errors) {
    int code = 2;
    for (const Error& error : errors) code = report(error);
    return code;
}

}  // namespace mc::app
