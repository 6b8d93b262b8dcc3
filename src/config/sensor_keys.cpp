#include "config/sensor_keys.h"

#include <algorithm>

#include "config/http_keys.h"
#include "config/keys.h"
#include "config/s3_address.h"

namespace mc {

namespace {

// A sensor while it is read: its kind is known after all its keys.
struct SensorDraft {
    S3Sensor s3;  // keys of several kinds
    std::vector<decltype(Sensor::kind)> kinds;
    std::optional<Seconds> stable;
    std::optional<std::vector<int>> status;
    bool previous = false;
    Sensor rest;
};

// A relative path is relative to the file; one that begins with a {{name}} is kept as it is.
void read_file_sensor(const Value& value, SensorDraft& draft) {
    const std::optional<std::string> text = value.text();
    std::optional<Template> path = text ? value.filled() : std::nullopt;
    if (!path) return;
    if (text->front() != '/' && !text->starts_with("{{"))
        if (Result<Template> absolute = Template::parse(*value.path())) path = *std::move(absolute);
    if (path->text().find_first_of(std::string_view("\0\n", 2)) != std::string::npos)
        return value.report("`file` has a line break or a NUL", "write the path on one line");
    draft.kinds.emplace_back(FileSensor{*std::move(path), {}});
}

void read_http_sensor(const Value& value, SensorDraft& draft) {
    std::optional<Template> url = value.text() ? value.filled() : std::nullopt;
    if (!url) return;
    if (Result<void> good = check_http_url(with_names_filled(url->text()), "http"); !good)
        return value.report(good.error().what, good.error().hint);
    draft.kinds.emplace_back(HttpSensor{*std::move(url), {}, ""});
}

void read_command_sensor(const Value& value, SensorDraft& draft) {
    if (!value.node().is_array()) {
        std::optional<Template> text = value.text() ? value.filled() : std::nullopt;
        if (text) draft.kinds.emplace_back(CommandSensor{ShellCommand{*std::move(text)}});
        return;
    }
    ExecCommand command;
    for (const Value& element : value.elements())
        if (auto text = element.filled()) command.argv.push_back(*std::move(text));
    if (value.node().as_array()->empty() || (!command.argv.empty() && command.argv[0].text().empty()))
        return value.report("`command` has no program", "write command = [\"/usr/bin/test\", \"-s\", \"FILE\"]");
    draft.kinds.emplace_back(CommandSensor{std::move(command)});
}

void read_job_sensor(const Value& value, SensorDraft& draft) {
    if (const auto name = value.text()) draft.kinds.emplace_back(JobSensor{JobName(*name), false, value.spot()});
}

void read_s3_sensor(const Value& value, SensorDraft& draft) {
    std::optional<Template> address = value.text() ? value.filled() : std::nullopt;
    if (!address) return;
    if (const auto good = parse_s3_address(with_names_filled(address->text())); !good)
        return value.report(good.error().what, good.error().hint);
    draft.kinds.emplace_back(S3Sensor{*std::move(address), "", "", {}});
}

void read_endpoint(const Value& value, SensorDraft& draft) {
    std::optional<std::string> url = value.text();
    if (!url) return;
    if (Result<void> good = check_http_url(*url, "endpoint"); !good)
        return value.report(good.error().what, good.error().hint);
    if (url->ends_with('/')) url->pop_back();
    if (url->find_first_of("/?", url->find("://") + 3) != std::string::npos)
        return value.report("`endpoint` has a path", "write endpoint = \"http://HOST:PORT\"");
    draft.s3.endpoint = *std::move(url);
}

using V = const Value&;
using D = SensorDraft&;

constexpr Key<SensorDraft> keys[] = {
    {"file", "file = \"/data/{{session}}/_SUCCESS\"", read_file_sensor},
    {"stable", "stable = \"30s\"", [](V v, D d) { d.stable = v.duration(Seconds{1}); }},
    {"http", "http = \"https://HOST/ready/{{session}}\"", read_http_sensor},
    {"status", "status = 200", [](V v, D d) { d.status = read_statuses(v); }},
    {"ca_file", "ca_file = \"/etc/ssl/certs/desk.pem\"", [](V v, D d) { set(d.s3.ca_file, v.path()); }},
    {"command", "command = \"test -s /data/prices.csv\"", read_command_sensor},
    {"job", "job = \"prices\"", read_job_sensor},
    {"of", "of = \"previous\"",
     [](V v, D d) {
         set(d.previous, v.choice<bool>({{"previous", true}}));
     }},
    {"poll", "poll = \"30s\"", [](V v, D d) { set(d.rest.poll, v.duration(Seconds{1})); }},
    {"timeout", "timeout = \"2h\"", [](V v, D d) { d.rest.timeout = v.duration(Seconds{1}); }},
    {"on_timeout", "on_timeout = \"skip\"",
     [](V v, D d) {
         using On = Sensor::OnTimeout;
         set(d.rest.on_timeout, v.choice<On>({{"fail", On::fail}, {"skip", On::skip}}));
     }},
    {"s3", "s3 = \"s3://BUCKET/{{session}}/_SUCCESS\"", read_s3_sensor},
    {"region", "region = \"eu-west-2\"", [](V v, D d) { set(d.s3.signing.region, v.text()); }},
    {"endpoint", "endpoint = \"http://127.0.0.1:9000\"", read_endpoint},
    {"access_key_file", "access_key_file = \"/etc/marketcron/secrets/aws-id\"",
     [](V v, D d) { set(d.s3.signing.access_key_file, v.secret_path()); }},
    {"secret_key_file", "secret_key_file = \"/etc/marketcron/secrets/aws-key\"",
     [](V v, D d) { set(d.s3.signing.secret_key_file, v.secret_path()); }},
    {"session_token_file", "session_token_file = \"/etc/marketcron/secrets/aws-token\"",
     [](V v, D d) { set(d.s3.signing.session_token_file, v.secret_path()); }},
};

// Moves the kind's own keys into it; reports keys of other kinds.
void finish_kind(const Value& value, const toml::table& table, SensorDraft& draft) {
    auto& kind = draft.rest.kind = std::move(draft.kinds.front());
    const auto belongs = [&](std::string_view key, std::string_view to, bool fits) {
        if (!fits && table.contains(key))
            value.report(fmt::format("`{}` belongs to a sensor with `{}`", key, to), "remove it");
    };
    belongs("stable", "file", std::holds_alternative<FileSensor>(kind));
    belongs("status", "http", std::holds_alternative<HttpSensor>(kind));
    belongs("ca_file", "http` or `s3",
            std::holds_alternative<HttpSensor>(kind) || std::holds_alternative<S3Sensor>(kind));
    belongs("of", "job", std::holds_alternative<JobSensor>(kind));
    for (const char* key : {"region", "endpoint", "access_key_file", "secret_key_file", "session_token_file"})
        belongs(key, "s3", std::holds_alternative<S3Sensor>(kind));
    if (auto* file = std::get_if<FileSensor>(&kind)) file->stable = draft.stable;
    if (auto* http = std::get_if<HttpSensor>(&kind); http && draft.status) http->status = *std::move(draft.status);
    if (auto* http = std::get_if<HttpSensor>(&kind)) http->ca_file = draft.s3.ca_file;
    if (auto* job = std::get_if<JobSensor>(&kind)) job->previous = draft.previous;
    if (auto* s3 = std::get_if<S3Sensor>(&kind)) {
        s3->endpoint = std::move(draft.s3.endpoint);
        s3->ca_file = std::move(draft.s3.ca_file);
        s3->signing = std::move(draft.s3.signing);
        s3->signing.service = "s3";
        if (s3->signing.region.empty()) s3->signing.region = "us-east-1";
        if (s3->signing.access_key_file.empty() != s3->signing.secret_key_file.empty())
            value.report("this sensor has only half of a key pair", "write access_key_file and secret_key_file");
    }
    if (draft.stable && draft.rest.timeout && *draft.stable >= *draft.rest.timeout)
        value.report("`stable` is not shorter than `timeout`: the sensor can never pass", "make `timeout` longer");
    if (table.contains("on_timeout") && !table.contains("timeout"))
        value.report("`on_timeout` needs a `timeout`", "add timeout = \"2h\"");
}

}  // namespace

std::vector<Sensor> read_wait(const Value& value) {
    constexpr std::string_view hint = "write wait = [{ file = \"/data/{{session}}/_SUCCESS\" }]";
    std::vector<Sensor> sensors;
    if (!value.node().is_array()) {
        value.report("`wait` must be a list of sensors", std::string(hint));
        return sensors;
    }
    const std::vector<Value> elements = value.elements();
    if (elements.size() > sensors_max)
        value.report(fmt::format("`wait` has more than {} sensors", sensors_max),
                     "replace some of them by one command");
    for (const Value& element : elements) {
        const toml::table* table = element.node().as_table();
        if (table == nullptr) {
            element.report("a sensor must be a table", std::string(hint));
            continue;
        }
        SensorDraft draft;
        read_table<SensorDraft>(*table, "`wait`", keys, element.scope(), draft);
        std::size_t named = 0;
        for (const std::string_view kind : {"file", "http", "command", "job", "s3"}) named += table->contains(kind);
        const auto is_known = [](const auto& entry) {
            return std::any_of(std::begin(keys), std::end(keys),
                               [&](const auto& k) { return k.name == entry.first.str(); });
        };
        if (named == 0 && !std::all_of(table->begin(), table->end(), is_known))
            continue;  // an unknown key was reported, which was probably meant to be the kind
        if (named != 1) {
            element.report(
                named == 0 ? "this sensor does not say what it checks" : "this sensor checks more than one thing",
                "write one of `file`, `http`, `s3`, `command` and `job` in each { }");
            continue;
        }
        if (draft.kinds.empty()) continue;  // which was reported
        finish_kind(element, *table, draft);
        sensors.push_back(std::move(draft.rest));
    }
    return sensors;
}

}  // namespace mc
