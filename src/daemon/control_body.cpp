#include "daemon/control_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/suggest.h"

namespace mc::app {

namespace {

// An object's names are compared with each other: 1 MB of them would take seconds.
constexpr JsonLimits limits{.depth = 8, .names = 1000, .name_bytes = 1000};

enum class Type { text, flag, run, positive, texts, object };
enum class Need { wanted, free };

struct Field {
    std::string_view name;
    Type type;
    Need need = Need::free;
};

using Fields = std::vector<Field>;

const std::map<std::string_view, Fields>& bodies() {
    static const std::map<std::string_view, Fields> all{
        {"/v1/start",
         {{"job", Type::text, Need::wanted},
          {"session", Type::text},
          {"force", Type::flag},
          {"gates", Type::flag},
          {"memory", Type::positive},
          {"timeout", Type::positive},
          {"env", Type::object}}},
        {"/v1/stop", {{"run", Type::run, Need::wanted}}},
        {"/v1/rerun", {{"run", Type::run, Need::wanted}, {"force", Type::flag}}},
        {"/v1/mark",
         {{"run", Type::run, Need::wanted}, {"state", Type::text, Need::wanted}, {"reason", Type::text, Need::wanted}}},
        {"/v1/alert",
         {{"alert", Type::run, Need::wanted}, {"do", Type::text, Need::wanted}, {"reason", Type::text, Need::wanted}}},
        {"/v1/clear",
         {{"jobs", Type::texts, Need::wanted},
          {"from", Type::text, Need::wanted},
          {"to", Type::text, Need::wanted},
          {"downstream", Type::flag},
          {"dry_run", Type::flag}}},
        {"/v1/backfill",
         {{"jobs", Type::texts, Need::wanted},
          {"from", Type::text, Need::wanted},
          {"to", Type::text, Need::wanted},
          {"rerun", Type::text},
          {"parallel", Type::positive},
          {"upstream", Type::flag},
          {"assume_upstream", Type::flag},
          {"dry_run", Type::flag}}},
        {"/v1/hold", {{"job", Type::text, Need::wanted}, {"until", Type::text}}},
        {"/v1/ice", {{"job", Type::text, Need::wanted}, {"until", Type::text}}},
        {"/v1/release", {{"job", Type::text, Need::wanted}}},
        {"/v1/calendar-override",
         {{"calendar", Type::text, Need::wanted},
          {"date", Type::text, Need::wanted},
          {"what", Type::text, Need::wanted},
          {"time", Type::text},
          {"reason", Type::text}}},
        {"/v1/reload", {}},
        {"/v1/drain", {}},
        {"/v1/notify-test", {{"target", Type::text, Need::wanted}}}};
    return all;
}

const std::map<std::string_view, std::vector<std::string>>& queries() {
    static const std::map<std::string_view, std::vector<std::string>> all{
        {"/v1/runs", {"job", "from", "to", "state", "n", "before"}},
        {"/v1/alerts", {"all"}},
        {"/v1/next", {"job", "n"}},
        {"/v1/why", {"job", "date"}},
        {"/v1/logs", {"run", "offset", "attempt", "check"}}};
    return all;
}

std::string_view type_text(Type type) {
    switch (type) {
        case Type::text: return "a text";
        case Type::flag: return "true or false";
        case Type::run: return "a number of a run";
        case Type::positive: return "a whole number above 0";
        case Type::texts: return "a list of texts that is not empty";
        case Type::object: return "an object";
    }
    return "";
}

std::string_view example(Type type) {
    switch (type) {
        case Type::text: return R"("...")";
        case Type::flag: return "true";
        case Type::run: return "17";
        case Type::positive: return "1";
        case Type::texts: return R"(["..."])";
        case Type::object: return R"({"NAME": "value"})";
    }
    return "";
}

bool is_of(const Json& value, Type type) {
    const auto is_text = [](const Json& one) { return one.is_string(); };
    switch (type) {
        case Type::text: return value.is_string();
        case Type::flag: return value.is_boolean();
        // Unsigned: from 2^63 on it would be another number.
        case Type::run:
            return value.is_number_integer() &&
                   (!value.is_number_unsigned() || value.get<std::uint64_t>() <= std::uint64_t{INT64_MAX});
        case Type::positive: return value.is_number_unsigned() && value.get<std::uint64_t>() > 0;
        case Type::texts: return value.is_array() && !value.empty() && std::all_of(value.begin(), value.end(), is_text);
        case Type::object: return value.is_object();
    }
    return false;
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

std::vector<std::string> names_of(const Fields& fields) {
    std::vector<std::string> names;
    for (const Field& field : fields) names.emplace_back(field.name);
    return names;
}

tl::unexpected<Error> bad(std::string what, std::string hint) {
    return fail(Error::Kind::usage, std::move(what), std::move(hint));
}

tl::unexpected<Error> unknown(std::string_view kind, std::string_view name, const std::vector<std::string>& known) {
    return bad(fmt::format("unknown {} `{}`", kind, name),
               known.empty() ? fmt::format("this path has no {}", kind) : did_you_mean(name, known));
}

}  // namespace

Result<Json> read_control_body(std::string_view path, std::string_view text) {
    const auto known = bodies().find(path);
    if (known == bodies().end()) return bad(fmt::format("{} takes no body", path), "send none");
    const Fields& fields = known->second;
    Json read = Json::object();
    if (!text.empty()) {
        auto parsed = Json::parse(text, limits);
        if (!parsed) return bad(trouble(parsed.error()), R"(send an object such as {"job": "NAME"})");
        read = *std::move(parsed);
    }
    if (!read.is_object()) return bad("the body is not a JSON object", R"(send {"job": "NAME"})");
    Json body = Json::object();
    for (const auto& [name, value] : read.items()) {
        const auto field =
            std::find_if(fields.begin(), fields.end(), [&name = name](const Field& one) { return one.name == name; });
        if (field == fields.end()) return unknown("field", name, names_of(fields));
        if (value.is_null()) continue;
        if (!is_of(value, field->type))
            return bad(fmt::format("`{}` is not {}", name, type_text(field->type)),
                       fmt::format("send \"{}\": {}", name, example(field->type)));
        body[name] = value;
    }
    for (const Field& field : fields)
        if (field.need == Need::wanted && !body.contains(field.name))
            return bad(fmt::format("`{}` is missing", field.name),
                       fmt::format("send \"{}\": {}", field.name, example(field.type)));
    return body;
}

Result<void> check_control_query(std::string_view path, const std::map<std::string, std::string>& query) {
    const auto known = queries().find(path);
    const std::vector<std::string> names = known == queries().end() ? std::vector<std::string>{} : known->second;
    for (const auto& [name, value] : query)
        if (std::find(names.begin(), names.end(), name) == names.end()) return unknown("query", name, names);
    return {};
}

}  // namespace mc::app
