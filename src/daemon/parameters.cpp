#include "daemon/parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/spelling.h"
#include "base/suggest.h"

namespace mc::app {

namespace {

constexpr std::size_t line_bytes_max = 500;

// Replaces control characters, for the log and the ledger; "" if the text is blank.
std::string one_line(std::string text) {
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    return is_blank(text) ? "" : text;
}

Result<std::int64_t> whole_number(const Parameter& parameter, const std::string& text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_whole = end == text.data() + text.size() && !text.starts_with('-');
    if (error == std::errc{} && is_whole) return number;
    // Such a large count means all, and such a run does not exist.
    if (error == std::errc::result_out_of_range && is_whole && parameter.type == Type::number) return INT64_MAX;
    return bad_request(fmt::format("{}: `{}` is not a whole number", parameter.name, text),
                       fmt::format("write {}=17", parameter.name));
}

Result<std::optional<Given::Value>> value_in_query(const Parameter& parameter, const std::string& text) {
    switch (parameter.type) {
        case Type::flag: return Given::Value(true);
        case Type::number:
        case Type::run:
        case Type::alert: {
            const auto number = whole_number(parameter, text);
            if (!number) return tl::unexpected(number.error());
            return Given::Value(*number);
        }
        case Type::text:
        case Type::line:
        case Type::date:
        case Type::job: return value_of_text(parameter, text);
        case Type::positive:
        case Type::texts:
        case Type::jobs: break;
    }
    check(false, "a query has no parameter of that type");
    return std::nullopt;
}

std::string_view example_in_query(Type type) {
    if (type == Type::date) return "2026-11-20";
    const bool is_text = type == Type::text || type == Type::line || type == Type::job;
    return is_text ? "NAME" : "17";
}

}  // namespace

std::string_view to_text(Type type) {
    switch (type) {
        case Type::text:
        case Type::line: return "text";
        case Type::flag: return "flag";
        case Type::number:
        case Type::positive: return "number";
        case Type::date: return "date";
        case Type::texts: return "object of strings";
        case Type::job: return "job";
        case Type::jobs: return "list of jobs";
        case Type::run: return "run";
        case Type::alert: return "alert";
    }
    return "";
}

tl::unexpected<Error> bad_request(std::string what, std::string hint) {
    return fail(Error::Kind::usage, std::move(what), std::move(hint));
}

tl::unexpected<Error> unknown_name(std::string_view kind, std::string_view name, const Parameters& known) {
    std::vector<std::string> names;
    for (const Parameter& one : known) names.emplace_back(one.name);
    return bad_request(fmt::format("unknown {} `{}`", kind, name),
                       names.empty() ? fmt::format("this path takes no {}", kind) : did_you_mean(name, names));
}

Result<std::optional<Given::Value>> value_of_text(const Parameter& parameter, const std::string& text) {
    if (parameter.type == Type::line) {
        if (text.size() > line_bytes_max)
            return bad_request(fmt::format("`{}` is longer than {} bytes", parameter.name, line_bytes_max),
                               "write a shorter one");
        return Given::Value(one_line(text));
    }
    if (parameter.type != Type::date) return Given::Value(text);
    if (text.empty()) return std::nullopt;
    const auto date = parse_date(text);
    if (!date) return tl::unexpected(date.error());
    return Given::Value(*date);
}

Result<Given> read_query(const Parameters& parameters, const std::map<std::string, std::string>& query) {
    Given given;
    for (const auto& [name, text] : query) {
        const auto parameter = std::find_if(parameters.begin(), parameters.end(),
                                            [&name = name](const Parameter& one) { return one.name == name; });
        if (parameter == parameters.end()) return unknown_name("query parameter", name, parameters);
        if (text.empty()) continue;
        auto value = value_in_query(*parameter, text);
        if (!value) return tl::unexpected(value.error());
        if (*value) given.set(name, **std::move(value));
    }
    for (const Parameter& parameter : parameters)
        if (parameter.need == Need::wanted && !given.has(parameter.name))
            return bad_request(fmt::format("`{}` is missing", parameter.name),
                               fmt::format("write {}={}", parameter.name, example_in_query(parameter.type)));
    return given;
}

}  // namespace mc::app
