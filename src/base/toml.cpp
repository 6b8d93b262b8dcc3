#define TOML_IMPLEMENTATION
#include "base/toml.h"

#include <fmt/format.h>

#include <sstream>

#include "base/toml_keys.h"

namespace mc {

namespace {

// An assertion of toml++ failed.
struct AssertionFailed {};

Spot spot_at(std::string_view text, std::size_t offset, const std::string& file) {
    std::uint32_t line = 1, column = 1;
    for (const char c : text.substr(0, offset)) {
        if (c == '\n') {
            ++line;
            column = 1;
        } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
            ++column;  // a character, counted as toml++ counts
        }
    }
    return {file, line, column};
}

bool surprises(std::string_view text) {
    try {
        (void)toml::parse(text);
    } catch (const AssertionFailed&) {
        return true;
    } catch (const toml::parse_error&) {
    }
    return false;
}

// How many bytes toml++ reads until an assertion fails. It reads in blocks.
std::size_t read_of(std::string_view text) {
    std::istringstream stream{std::string(text)};
    try {
        (void)toml::parse(stream);
    } catch (const AssertionFailed&) {
        if (const auto at = stream.tellg(); at >= 0) return static_cast<std::size_t>(at);
    } catch (const toml::parse_error&) {
    }
    return text.size();
}

// The position of the last character that toml++ read: the end of the shortest prefix on which the assertion fails.
std::size_t surprise_in(std::string_view text) {
    constexpr std::size_t blocks = 256;
    std::size_t bad = read_of(text);
    if (!surprises(text.substr(0, bad))) bad = text.size();
    std::size_t good = bad > blocks ? bad - blocks : 0;
    if (surprises(text.substr(0, good))) good = 0;
    while (good + 1 < bad) {
        const std::size_t middle = good + (bad - good) / 2;
        (surprises(text.substr(0, middle)) ? bad : good) = middle;
    }
    while (bad > 1 && (static_cast<unsigned char>(text[bad - 1]) & 0xC0) == 0x80) --bad;
    return bad == 0 ? 0 : bad - 1;
}

std::string_view character_at(std::string_view text, std::size_t offset) {
    std::size_t length = 1;
    while (offset + length < text.size() && (static_cast<unsigned char>(text[offset + length]) & 0xC0) == 0x80)
        ++length;
    return text.substr(offset, length);
}

Error surprise(std::string_view text, const std::string& file) {
    const std::size_t at = surprise_in(text);
    const std::string_view character = at < text.size() ? character_at(text, at) : "";
    const Spot spot = spot_at(text, at, file);
    const auto error = [&](std::string what, std::string hint) {
        return Error{Error::Kind::config, "invalid TOML: " + std::move(what), std::move(hint), spot};
    };
    if (character.size() > 1)
        return error(fmt::format("'{}' cannot be in a key without quotes", character), "write the key in quotes");
    if (character.empty() || static_cast<unsigned char>(character[0]) <= ' ' || character[0] == 0x7F)
        return error("something is missing here", "https://toml.io has the rules");
    return error(fmt::format("'{}' is not expected here", character),
                 "write a key or a value before it, close the list or table, or write the text in quotes");
}

Error key_error(const TomlKeyFault& fault, std::string_view text, const std::string& file) {
    const Spot spot = spot_at(text, fault.offset, file);
    switch (fault.kind) {
        case TomlKeyFault::Kind::parts:
            return {Error::Kind::config,
                    fmt::format("unsupported TOML: the key has more than {} parts", toml_key_parts_max), "remove dots",
                    spot};
        case TomlKeyFault::Kind::dots:
            return {Error::Kind::config, fmt::format("the file has more than {} keys with dots", toml_dots_max),
                    "split it and name the parts in include = [\"conf.d/*.toml\"]", spot};
    }
    return {};
}

// The texts of toml++ begin with "Error while parsing table header: ".
Error mistake(const toml::parse_error& error, const std::string& file) {
    std::string_view what = error.description();
    if (const std::size_t colon = what.find(": "); colon != std::string_view::npos && what.starts_with("Error"))
        what.remove_prefix(colon + 2);
    const toml::source_position at = error.source().begin;
    const bool redefined = what.find("redefine") != std::string_view::npos;
    const bool too_deep = what.find("maximum nested value depth") != std::string_view::npos;
    const std::size_t saw = what.find("saw '");
    if (const auto letter = saw == std::string_view::npos ? "" : what.substr(saw + 5);
        !letter.empty() && static_cast<unsigned char>(letter[0]) >= 0x80)
        return {Error::Kind::config,
                fmt::format("invalid TOML: {}", what),
                "write a key or text with letters other than A-Z in quotes",
                {file, at.line, at.column}};
    if (too_deep)
        return {Error::Kind::config,
                fmt::format("unsupported TOML: values are nested more than {} deep", TOML_MAX_NESTED_VALUES),
                "no key needs that: remove brackets",
                {file, at.line, at.column}};
    return {Error::Kind::config,
            fmt::format("invalid TOML: {}", what),
            redefined ? "keep one of them, or rename one" : "https://toml.io has the rules",
            {file, at.line, at.column}};
}

}  // namespace

void toml_assertion_failed() { throw AssertionFailed(); }

Result<toml::table> parse_toml(std::string_view text, const std::string& file) {
    if (const auto fault = too_many_keys(text)) return tl::unexpected(key_error(*fault, text, file));
    try {
        return toml::parse(text, file);
    } catch (const toml::parse_error& error) {
        return tl::unexpected(mistake(error, file));
    } catch (const AssertionFailed&) {
        return tl::unexpected(surprise(text, file));
    }
}

}  // namespace mc
