#include "notify/secret_keys.h"

#include <fmt/format.h>

namespace mc::notify {
namespace {

// The name or path of the secret's location; nullopt if it is the secret itself, or not a string.
std::optional<std::string> place_of(const Value& value, const SecretKind& kind,
                                    std::optional<std::string> (Value::*read)() const) {
    const std::optional<std::string> text = value.text();
    if (!text) return {};
    if (!is_secret_itself(*text)) return (value.*read)();
    value.report("this is the secret itself, not its location",
                 fmt::format("write {} = \"{}\", or write the secret to a file and its path here", kind.key,
                             kind.is_url ? "https://..." : kind.example));
    return {};
}

}  // namespace

bool is_https_or_local(const std::string& url) {
    return url.starts_with("https://") || url.starts_with("http://127.0.0.1") || url.starts_with("http://localhost");
}

void read_secret_file(const Value& value, const SecretKind& kind, Secret& secret) {
    secret.kind = &kind;
    set(secret.file, place_of(value, kind, &Value::path));
}

void read_secret_env(const Value& value, const SecretKind& kind, Secret& secret) {
    secret.kind = &kind;
    set(secret.env, place_of(value, kind, &Value::text));
}

void read_secret_value(const Value& value, const SecretKind& kind, Secret& secret) {
    secret.kind = &kind;
    const std::optional<std::string> text = value.text();
    if (!text) return;
    const bool is_plain = kind.may_be_plain && text->starts_with("http://");
    if (!kind.is_url || is_plain || is_https_or_local(*text)) secret.value = *text;
    else
        value.report(fmt::format("`{}` must be an {} URL", kind.key, kind.may_be_plain ? "http(s)" : "https"),
                     fmt::format("write {} = \"{}\"", kind.key, kind.example));
}

void check_secret_keys(const ChannelSection& section, const SecretKind& kind, Scope& scope) {
    const std::string file = fmt::format("{}_file", kind.key), env = fmt::format("{}_env", kind.key);
    int given = 0;
    for (const std::string_view key : {std::string_view(file), std::string_view(env), kind.key})
        given += section.contains(key) ? 1 : 0;
    if (given == 1) return;
    scope.problems.report(
        section.spot,
        fmt::format("{} has {}", section.title,
                    given == 0 ? fmt::format("no {}", kind.noun) : fmt::format("more than one {}", kind.noun)),
        fmt::format("write one of {}, {} and {}", file, env, kind.key));
}

}  // namespace mc::notify
