// parameters_body.cpp — read_body(): the parameters of a POST, from its JSON.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "daemon/parameters.h"

namespace mc::app {

namespace {

// The names in an object are compared with each other, which would take seconds for 1 MB of names.
constexpr JsonLimits limits{.depth = 8, .names = 1000, .name_bytes = 1000};

std::string_view type_text(Type type) {
    switch (type) {
        case Type::text:
        case Type::line:
        case Type::date:
        case Type::job: return "a string";
        case Type::flag: return "true or false";
        case Type::number: return "a whole number";
        case Type::run:
        case Type::alert: return "the number of a run";
        case Type::positive: return "a whole number above 0";
        case Type::texts: return "an object of strings";
        case Type::jobs: return "a list of strings that is not empty";
    }
    return "";
}

std::string_view example(Type type) {
    switch (type) {
        case Type::text:
        case Type::line:
        case Type::job: return R"("...")";
        case Type::date: return R"("2026-11-02")";
        case Type::flag: return "true";
        case Type::number:
        case Type::run:
        case Type::alert: return "17";
        case Type::positive: return "1";
        case Type::texts: return R"({"NAME": "value"})";
        case Type::jobs: return R"(["..."])";
    }
    return "";
}

std::string send_example(const Parameter& parameter) {
    return fmt::format("send \"{}\": {}", parameter.name, example(parameter.type));
}

bool is_text(const Json& value) { return value.is_string(); }

bool are_texts(const Json& list) { return std::all_of(list.begin(), list.end(), is_text); }

bool has_texts(const Json& object) {
    const auto members = object.items();
    return std::all_of(members.begin(), members.end(), [](const Json::Member& one) { return is_text(one.value); });
}

// nullopt if the value has another type.
std::optional<Given::Value> value_of(const Json& value, Type type) {
    switch (type) {
        case Type::flag:
            if (value.is_boolean()) return value.get<bool>();
            return std::nullopt;
        case Type::number:
        case Type::run:
        case Type::alert:
            // From 2^63 on, an unsigned number would become a negative one.
            if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{INT64_MAX})
                return std::nullopt;
            if (value.is_number_integer()) return value.get<std::int64_t>();
            return std::nullopt;
        case Type::positive:
            if (value.is_number_unsigned() && value.get<std::uint64_t>() > 0) return value.get<std::uint64_t>();
            return std::nullopt;
        case Type::texts:
            if (value.is_object() && has_texts(value)) return value.get<Texts>();
            return std::nullopt;
        case Type::jobs:
            if (value.is_array() && !value.empty() && are_texts(value)) return value.get<std::vector<std::string>>();
            return std::nullopt;
        case Type::text:
        case Type::line:
        case Type::date:
        case Type::job:
            if (value.is_string()) return value.get<std::string>();
            return std::nullopt;
    }
    return std::nullopt;
}

std::string trouble(const JsonFault& fault) {
    switch (fault.kind) {
        case JsonFault::Kind::syntax: return fmt::format("the body is not JSON: see its byte {}", fault.byte);
        case JsonFault::Kind::depth: return fmt::format("the body is nested more than {} deep", limits.depth);
        case JsonFault::Kind::repeated_name: return fmt::format("`{}` is given twice", fault.text);
        case JsonFault::Kind::names: return fmt::format("an object has more than {} names", limits.names);
        case JsonFault::Kind::name_bytes: return fmt::format("a name has more than {} bytes", limits.name_bytes);
    }
    return "";
}

Result<Json> object_in(std::string_view text) {
    if (text.empty()) return Json::object();
    auto read = Json::parse(text, limits);
    if (!read) return bad_request(trouble(read.error()), R"(send an object such as {"job": "NAME"})");
    if (!read->is_object()) return bad_request("the body is not a JSON object", R"(send {"job": "NAME"})");
    return *std::move(read);
}

}  // namespace

Result<Given> read_body(const Parameters& parameters, std::string_view text) {
    const auto body = object_in(text);
    if (!body) return tl::unexpected(body.error());
    Given given;
    for (const auto& [name, json] : body->items()) {
        const auto parameter = std::find_if(parameters.begin(), parameters.end(),
                                            [&name = name](const Parameter& one) { return one.name == name; });
        if (parameter == parameters.end()) return unknown_name("field", name, parameters);
        if (json.is_null()) continue;
        std::optional<Given::Value> value = value_of(json, parameter->type);
        if (!value)
            return bad_request(fmt::format("`{}` is not {}", name, type_text(parameter->type)),
                               send_example(*parameter));
        if (const auto* string = std::get_if<std::string>(&*value)) {
            auto read = value_of_text(*parameter, *string);
            if (!read) return tl::unexpected(read.error());
            value = *std::move(read);
        }
        if (value) given.set(name, *std::move(value));
    }
    for (const Parameter& parameter : parameters)
        if (parameter.need == Need::wanted && !given.has(parameter.name))
            return bad_request(fmt::format("`{}` is missing", parameter.name), send_example(parameter));
    return given;
}

}  // namespace mc::app
