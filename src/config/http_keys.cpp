#include "config/http_keys.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/letters.h"
#include "base/suggest.h"
#include "config/keys.h"

namespace mc {

namespace {

constexpr std::array methods{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
constexpr int status_least = 200, status_most = 599;

std::string upper(std::string_view text) {
    std::string large(text);
    for (char& c : large) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return large;
}

// RFC 9110, "token".
bool is_header_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return letter || (c >= '0' && c <= '9') ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

struct FileText {
    std::optional<std::string> file;
    std::optional<Template> prefix;
};

constexpr Key<FileText> file_keys[] = {
    {"file", "file = \"/etc/marketcron/secrets/tower\"",
     [](const Value& v, FileText& f) { set(f.file, v.secret_path()); }},
    {"prefix", "prefix = \"Bearer \"", [](const Value& v, FileText& f) { set(f.prefix, v.filled()); }},
};

// A text, or { file, prefix }; nothing if it is neither, which is reported.
std::optional<HttpText> text_or_file(const Value& value, std::string_view key) {
    const toml::table* table = value.node().as_table();
    if (!table) {
        std::optional<Template> text = value.filled();
        return text ? std::optional(HttpText{*std::move(text), ""}) : std::nullopt;
    }
    FileText read;
    read_table<FileText>(*table, fmt::format("`{}`", key), file_keys, value.scope(), read);
    if (!table->contains("file"))
        value.report(fmt::format("`{}` has no file", key), "write { file = \"/etc/marketcron/secrets/tower\" }");
    if (!read.file) return {};
    return HttpText{read.prefix.value_or(Template{}), *read.file};
}

void read_method(const Value& value, HttpCall& call) {
    const std::optional<std::string> word = value.text();
    if (!word) return;
    const std::string method = upper(*word);
    if (std::find(methods.begin(), methods.end(), method) != methods.end()) call.method = method;
    else
        value.report(fmt::format("`method`: unknown value \"{}\"", *word),
                     did_you_mean(method, std::vector<std::string>(methods.begin(), methods.end())));
}

void read_url(const Value& value, HttpCall& call) {
    std::optional<HttpText> url = text_or_file(value, "url");
    if (!url) return;
    if (url->secret_file.empty()) {
        if (Result<void> good = check_http_url(with_names_filled(url->text.text())); !good) {
            value.report(good.error().what, good.error().hint);
            return;
        }
    }
    call.url = *std::move(url);
}

void read_header(const std::string& name, const Value& value, HttpCall& call) {
    if (!is_header_name(name)) {
        value.report(fmt::format("\"{}\" is not a header name", name), "write letters, digits and -, such as X-Run");
        return;
    }
    const std::string small = lower_case(name);
    for (const std::string_view own : {"content-length", "transfer-encoding", "connection", "expect"}) {
        if (small != own) continue;
        value.report(fmt::format("the header `{}` is set by marketcron", name), "remove it");
        return;
    }
    std::optional<HttpText> text = text_or_file(value, "headers." + name);
    if (!text) return;
    if (Result<void> good = check_header_value(text->text.text()); !good) {
        value.report(fmt::format("the header `{}` {}", name, good.error().what), good.error().hint);
        return;
    }
    std::erase_if(call.headers, [&](const HttpHeader& header) { return lower_case(header.name) == small; });
    call.headers.push_back({name, *std::move(text)});
}

// Relative to the configuration file, unless it begins with a name whose format begins with a slash:
// "{{date:/data/%Y}}".
void read_body_file(const Value& value, HttpCall& call) {
    const std::optional<std::string> text = value.text();
    std::optional<Template> path = text ? value.filled() : std::nullopt;
    if (!path) return;
    const std::string name = text->starts_with("{{") ? text->substr(0, text->find("}}")) : "";
    const std::size_t format = name.find(':');
    if (format == std::string::npos || name.substr(format, 2) != ":/")
        if (Result<Template> absolute = Template::parse(*value.path())) path = *std::move(absolute);
    call.body_file = *std::move(path);
    call.body = {};
}

using V = const Value&;

constexpr Key<AwsSigning> sigv4_keys[] = {
    {"region", "region = \"us-east-1\"", [](V v, AwsSigning& s) { set(s.region, v.text()); }},
    {"service", "service = \"sqs\"", [](V v, AwsSigning& s) { set(s.service, v.text()); }},
    {"access_key_file", "access_key_file = \"/etc/marketcron/secrets/aws-id\"",
     [](V v, AwsSigning& s) { set(s.access_key_file, v.secret_path()); }},
    {"secret_key_file", "secret_key_file = \"/etc/marketcron/secrets/aws-key\"",
     [](V v, AwsSigning& s) { set(s.secret_key_file, v.secret_path()); }},
    {"session_token_file", "session_token_file = \"/etc/marketcron/secrets/aws-token\"",
     [](V v, AwsSigning& s) { set(s.session_token_file, v.secret_path()); }},
};

void read_sigv4(const Value& value, HttpCall& call) {
    const toml::table* table = value.node().as_table();
    if (table) read_table<AwsSigning>(*table, "`sigv4`", sigv4_keys, value.scope(), call.sigv4.make());
    else value.report("`sigv4` must be a table", "write sigv4 = { region = \"us-east-1\", service = \"sqs\" }");
}

constexpr Key<HttpCall> http_keys[] = {
    {"method", "method = \"POST\"", read_method},
    {"url", "url = \"https://tower/api/launch/\"", read_url},
    {"headers", "headers = { Accept = \"text/csv\" }", read_http_headers},
    {"body", "body = '{\"session\":\"{{session}}\"}'",
     [](V v, HttpCall& c) {
         if (auto text = v.filled()) c.body = *std::move(text), c.body_file = {};
     }},
    {"body_file", "body_file = \"/data/{{session}}.csv\"", read_body_file},
    {"status", "status = [200, 202]", [](V v, HttpCall& c) { set(c.status, read_statuses(v)); }},
    {"ca_file", "ca_file = \"/etc/ssl/certs/desk.pem\"", [](V v, HttpCall& c) { set(c.ca_file, v.path()); }},
    {"sigv4", "sigv4 = { region = \"us-east-1\", service = \"sqs\" }", read_sigv4},
};

void check_sigv4(const HttpCall& call, const Spot& spot, AwsKeys keys, Scope& scope) {
    const AwsSigning& signing = *call.sigv4;
    const auto report = [&](std::string what, std::string hint) {
        scope.problems.report(spot, std::move(what), std::move(hint));
    };
    if (signing.region.empty()) report("`sigv4` has no region", "write region = \"us-east-1\"");
    if (signing.service.empty()) report("`sigv4` has no service", "write service = \"sqs\"");
    if (signing.access_key_file.empty() != signing.secret_key_file.empty())
        report("`sigv4` has only half of a key pair", "write access_key_file and secret_key_file");
    else if (signing.access_key_file.empty() && keys == AwsKeys::in_files)
        report("`sigv4` has no keys",
               "write access_key_file and secret_key_file, or declare AWS_ACCESS_KEY_ID and "
               "AWS_SECRET_ACCESS_KEY in env, secret_env or env_file");
    for (const HttpHeader& header : call.headers) {
        const std::string name = lower_case(header.name);
        if (name != "authorization" && name != "x-amz-date" && name != "x-amz-content-sha256" &&
            name != "x-amz-security-token")
            continue;
        report(fmt::format("the header `{}` is added by `sigv4`", header.name), "remove one of them");
    }
}

}  // namespace

std::optional<std::vector<int>> read_statuses(const Value& value) {
    if (const auto* list = value.node().as_array(); list && list->empty()) {
        value.report("`status` is an empty list", "write status = [200, 202], or remove it for 200 to 299");
        return {};
    }
    return value.wholes(status_least, status_most);
}

void read_http_headers(const Value& value, HttpCall& call) {
    std::set<std::string> seen;
    for (const auto& [name, entry] : value.entries()) {
        if (!seen.insert(lower_case(name)).second)
            entry.report(fmt::format("the header `{}` is set twice", name), "write it once");
        read_header(name, entry, call);
    }
}

void read_http(const Value& value, HttpCall& call) {
    const toml::table* table = value.node().as_table();
    if (!table) {
        value.report("`http` must be a table", "write http = { url = \"https://tower/api/launch/\", body = \"...\" }");
        return;
    }
    if (table->contains("body") && table->contains("body_file"))
        value.report("`http` has both `body` and `body_file`", "write one of them");
    read_table<HttpCall>(*table, "`http`", http_keys, value.scope(), call);
}

void check_http(const HttpCall& call, const Spot& spot, AwsKeys keys, Scope& scope) {
    if (call.method == "HEAD" && call.has_body())
        scope.problems.report(spot, "a HEAD request sends no body", "write method = \"POST\", or remove the body");
    if (call.sigv4) check_sigv4(call, spot, keys, scope);
}

}  // namespace mc
