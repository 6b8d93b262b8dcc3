#include "config/job_keys.h"

#include <algorithm>
#include <limits>

#include "base/spelling.h"
#include "config/http_keys.h"
#include "config/notify_rules.h"
#include "config/plan.h"
#include "config/sensor_keys.h"
#include "config/trigger_names.h"

namespace mc {

namespace {

constexpr int any_number = std::numeric_limits<int>::max();

bool good_environment_name(const std::string& name, const Value& value) {
    if (!is_environment_name(name)) {
        value.report(fmt::format("\"{}\" is not a valid name for an environment variable", name),
                     "write letters, digits and _, such as DATA_DIR");
        return false;
    }
    if (name.rfind("MARKETCRON_", 0) == 0) {
        value.report(fmt::format("`{}` is set by marketcron itself", name), "use another name");
        return false;
    }
    return true;
}

void read_schedules(const Value& value, JobDraft& draft) {
    draft.schedules.clear();
    const std::vector<Value> elements = value.elements();
    if (elements.empty()) value.report("`schedule` is an empty list", "write schedule = \"@close+15m\"");
    for (const Value& element : elements) {
        if (const auto text = element.text()) draft.schedules.push_back({*text, &element.node()});
    }
}

void read_after(const Value& value, JobDraft& draft) {
    draft.after.clear();
    for (const Value& element : value.elements()) {
        if (const auto text = element.text()) draft.after.push_back({*text, &element.node()});
    }
}

void read_trigger(const Value& value, JobDraft& draft) { set(draft.trigger, value.choice<Trigger>(trigger_names)); }

void read_when(const Value& value, JobDraft& draft) {
    const std::optional<std::string> text = value.text();
    if (!text) return;
    Result<Predicate> predicate = Predicate::parse(*text);
    if (!predicate) {
        const Spot inside = value.spot_inside(predicate.error().spot.column);
        value.scope().problems.report(inside, std::move(predicate.error()));
        return;
    }
    for (const CalendarName& name : predicate->calendars()) {
        if (Result<CalendarPtr> found = value.scope().calendars.find(name); !found)
            value.scope().problems.report(value.spot(), std::move(found.error()));
    }
    draft.job.schedule.when = *std::move(predicate);
}

void read_calendar(const Value& value, JobDraft& draft) {
    const std::optional<std::string> name = value.text();
    if (!name) return;
    draft.calendar_unknown = false;
    if (*name == "none") {
        draft.job.schedule.calendar = {};
        return;
    }
    Result<CalendarPtr> calendar = value.scope().calendars.find(*name);
    draft.calendar_unknown = !calendar;
    if (calendar) draft.job.schedule.calendar = (*calendar)->name();
    else value.scope().problems.report(value.spot(), std::move(calendar.error()));
}

void read_timezone(const Value& value, JobDraft& draft) {
    const std::optional<std::string> name = value.text();
    if (!name) return;
    const ZonePtr& host = value.scope().host_zone;
    Result<ZonePtr> zone = value.scope().calendars.zones()(*name);
    if (zone) draft.timezone = *zone;
    else if (host && host->name() == *name) draft.timezone = host;
    else value.scope().problems.report(value.spot(), std::move(zone.error()));
}

void read_run_for(const Value& value, JobDraft& draft) {
    const std::optional<std::string> text = value.text();
    if (!text) return;
    using Kind = RunFor::Kind;
    JobSchedule& schedule = draft.job.schedule;
    schedule.run_for_given = true;
    if (*text == "date") schedule.run_for = {Kind::date, 0};
    else if (*text == "session") schedule.run_for = {Kind::session, 0};
    else if (*text == "trading_session") schedule.run_for = {Kind::trading_session, 0};
    else {
        const std::string_view tail = text->rfind("session", 0) == 0 ? std::string_view(*text).substr(7) : "";
        const bool counts = tail.size() > 1 && tail.size() < 6 && (tail[0] == '+' || tail[0] == '-') &&
                            tail.substr(1).find_first_not_of("0123456789") == std::string_view::npos;
        const int count = counts ? std::stoi(std::string{tail.substr(1)}) : 0;
        if (count > 0) schedule.run_for = {Kind::session_offset, tail[0] == '-' ? -count : count};
        else
            value.report(fmt::format("`run_for`: unknown value \"{}\"", *text),
                         "write \"date\", \"session\", \"session-1\", \"session+1\" or \"trading_session\"");
    }
}

void read_limit(const Value& value, BoxedOptional<Limit>& limit) {
    const std::optional<std::string> text = value.text();
    if (!text) return;
    Result<Limit> read = parse_limit(*text);
    if (read) limit = *std::move(read);
    else value.scope().problems.report(value.spot(), std::move(read.error()));
}

void read_command(const Value& value, JobDraft& draft) {
    if (!value.node().is_array()) {
        if (!value.text()) return;
        if (auto text = value.filled()) draft.command = ShellCommand{*std::move(text)};
        return;
    }
    ExecCommand command;
    for (const Value& element : value.elements()) {
        if (auto text = element.filled()) command.argv.push_back(*std::move(text));
    }
    if (value.node().as_array()->empty() || (!command.argv.empty() && command.argv[0].text().empty()))
        value.report("`command` has no program", "write command = [\"/opt/etl/run\", \"--all\"]");
    draft.command = std::move(command);
}

void read_slack(const Value& value, JobDraft& draft) {
    for (const auto& [key, entry] : value.entries()) {
        if (key == "to") {
            const std::optional<std::string> to = entry.text();
            if (!to) continue;
            draft.slack_to = *to;
            const Scope& scope = value.scope();
            if (const Result<void> good = check_target(Target("slack", *to), scope.readers, scope.channels); !good)
                entry.report(good.error().what, good.error().hint);
        } else if (key == "text") {
            if (entry.text()) set(draft.slack_text, entry.filled());
        } else {
            const std::vector<std::string> known{"to", "text"};
            entry.report(fmt::format("unknown key `{}` in `slack`", key), did_you_mean(key, known));
        }
    }
}

void read_environment(const Value& value, JobDraft& draft) {
    for (const auto& [name, entry] : value.entries()) {
        if (!good_environment_name(name, entry)) continue;
        if (auto text = entry.filled()) draft.job.env.insert_or_assign(name, *std::move(text));
    }
}

void read_secrets(const Value& value, JobDraft& draft) {
    for (const auto& [name, entry] : value.entries()) {
        if (!good_environment_name(name, entry)) continue;
        if (auto path = entry.secret_path()) draft.job.secret_env.insert_or_assign(name, *std::move(path));
    }
}

// A relative directory is relative to the file; one that begins with a {{name}} is kept as it is.
void read_directory(const Value& value, JobDraft& draft) {
    const std::optional<std::string> text = value.text();
    if (!text || !value.filled()) return;
    if (text->front() == '/' || text->rfind("{{", 0) == 0) {
        draft.job.cwd = value.filled();
        return;
    }
    Result<Template> absolute = Template::parse(*value.path());
    if (absolute) draft.job.cwd = *std::move(absolute);
}

void read_notify(const Value& value, JobDraft& draft) { read_notify_rules(value, draft.job.notify.make()); }

void read_pool(const Value& value, JobDraft& draft) {
    const std::optional<std::string> name = value.text();
    if (!name) return;
    draft.job.pool = *name;
    std::vector<std::string> known;
    for (const auto& [pool, slots] : value.scope().pools) known.push_back(pool);
    if (!value.scope().pools.contains(*name))
        value.report(
            fmt::format("unknown pool \"{}\"", *name),
            known.empty() ? fmt::format("declare it: [pool.{}] slots = 4", *name) : did_you_mean(*name, known));
}

void read_runbook(const Value& value, JobDraft& draft) {
    const std::optional<std::string> url = value.text();
    if (!url) return;
    if (url->rfind("https://", 0) == 0 || url->rfind("http://", 0) == 0) draft.job.runbook = *url;
    else value.report("`runbook` must be a URL", "write runbook = \"https://wiki.example.com/etl\"");
}

void read_cpus(const Value& value, JobDraft& draft) {
    const std::optional<double> cpus = value.number(0);
    if (cpus && *cpus > 0) draft.job.cpus = cpus;
    else if (cpus) value.report("`cpus` must be a number above 0", "write cpus = 0.5");
}

using V = const Value&;
using D = JobDraft&;

constexpr Key<JobDraft> keys[] = {
    // identity
    {"group", "group = \"etl\"", [](V v, D d) { set(d.job.group, v.text()); }},
    {"description", "description = \"Loads the bars\"", [](V v, D d) { set(d.job.description, v.any_text()); }},
    {"owner", "owner = \"data team\"", [](V v, D d) { set(d.job.owner, v.any_text()); }},
    {"runbook", "runbook = \"https://wiki.example.com/etl\"", read_runbook},
    {"tags", "tags = [\"etl\", \"daily\"]", [](V v, D d) { set(d.job.tags, v.texts()); }},
    {"enabled", "enabled = false", [](V v, D d) { set(d.job.enabled, v.flag()); }},
    {"hold", "hold = true", [](V v, D d) { set(d.job.hold, v.flag()); }},

    // schedule
    {"schedule", "schedule = \"@close+15m\"", read_schedules},
    {"when", "when = \"session and not early_close\"", read_when},
    {"calendar", "calendar = \"XNYS\"", read_calendar},
    {"timezone", "timezone = \"America/New_York\"", read_timezone},
    {"run_for", "run_for = \"session\"", read_run_for},
    {"roll", "roll = \"following\"",
     [](V v, D d) {
         set(d.job.schedule.roll, v.choice<Roll>({{"none", Roll::none},
                                                  {"following", Roll::following},
                                                  {"preceding", Roll::preceding},
                                                  {"modified_following", Roll::modified_following},
                                                  {"modified_preceding", Roll::modified_preceding},
                                                  {"nearest", Roll::nearest}}));
     }},
    {"jitter", "jitter = \"5m\"", [](V v, D d) { set(d.job.schedule.jitter, v.duration()); }},
    {"dst_gap", "dst_gap = \"shift\"",
     [](V v, D d) {
         set(d.job.schedule.dst_gap, v.choice<GapRule>({{"shift", GapRule::shift}, {"skip", GapRule::skip}}));
     }},
    {"dst_overlap", "dst_overlap = \"first\"",
     [](V v, D d) {
         set(d.job.schedule.dst_overlap,
             v.choice<OverlapRule>(
                 {{"first", OverlapRule::first}, {"second", OverlapRule::second}, {"both", OverlapRule::both}}));
     }},

    // dependencies
    {"after", "after = [\"prices\", \"risk@previous\"]", read_after},
    {"trigger", "trigger = \"all_success\"", read_trigger},
    {"depends_on_past", "depends_on_past = true", [](V v, D d) { set(d.job.depends_on_past, v.flag()); }},
    {"wait", "wait = [{ file = \"/data/{{session}}/_SUCCESS\", timeout = \"2h\" }]",
     [](V v, D d) {
         std::vector<Sensor> sensors = read_wait(v);
         d.job.wait = sensors.empty() ? BoxedOptional<std::vector<Sensor>>() : std::move(sensors);
     }},

    // catch-up and limits
    {"catch_up", "catch_up = \"latest\"",
     [](V v, D d) {
         set(d.job.catch_up,
             v.choice<CatchUp>({{"none", CatchUp::none}, {"latest", CatchUp::latest}, {"all", CatchUp::all}}));
     }},
    {"catch_up_within", "catch_up_within = \"7d\"", [](V v, D d) { set(d.job.catch_up_within, v.duration()); }},
    {"grace", "grace = \"60s\"", [](V v, D d) { set(d.job.grace, v.duration()); }},
    {"latest_only", "latest_only = true", [](V v, D d) { set(d.job.latest_only, v.flag()); }},
    {"wait_until", "wait_until = \"09:00\"", [](V v, D d) { read_limit(v, d.job.wait_until); }},
    {"not_after", "not_after = \"+2h\"", [](V v, D d) { read_limit(v, d.job.not_after); }},
    {"deadline", "deadline = \"21:30\"", [](V v, D d) { read_limit(v, d.job.deadline); }},

    // action
    {"command", "command = \"/opt/etl/run.sh {{session}}\"", read_command},
    {"slack", "slack = { to = \"ops\", text = \"Order lunch\" }", read_slack},
    {"http", "http = { url = \"https://tower/api/launch/\" }", [](V v, D d) { read_http(v, d.http.make()); }},
    {"shell", "shell = \"/bin/bash\"", [](V v, D d) { set(d.job.shell, v.text()); }},
    {"user", "user = \"etl\"", [](V v, D d) { set(d.job.user, v.text()); }},
    {"cwd", "cwd = \"/opt/etl\"", read_directory},
    {"env", "env = { DATA = \"/data\" }", read_environment},
    {"env_file", "env_file = \"/etc/etl.env\"", [](V v, D d) { set(d.job.env_file, v.path()); }},
    {"secret_env", "secret_env = { TOKEN = \"/etc/marketcron/secrets/token\" }", read_secrets},
    {"umask", "umask = \"022\"", [](V v, D d) { set(d.job.umask, v.umask()); }},
    {"stdin", "stdin = \"yes\"", [](V v, D d) { set(d.job.stdin_text, v.filled(Value::Nuls::kept)); }},
    {"nice", "nice = 10", [](V v, D d) { set(d.job.nice, v.whole(-20, 19)); }},

    // retries and results
    {"retries", "retries = 2", [](V v, D d) { set(d.job.retries, v.whole(0, 1000)); }},
    {"retry_delay", "retry_delay = \"5m\"", [](V v, D d) { set(d.job.retry_delay, v.duration()); }},
    {"retry_backoff", "retry_backoff = 2.0", [](V v, D d) { set(d.job.retry_backoff, v.number(1)); }},
    {"retry_max_delay", "retry_max_delay = \"1h\"", [](V v, D d) { set(d.job.retry_max_delay, v.duration()); }},
    {"retry_lost", "retry_lost = true", [](V v, D d) { set(d.job.retry_lost, v.flag()); }},
    {"timeout", "timeout = \"2h\"", [](V v, D d) { set(d.job.timeout, v.duration(Seconds{1})); }},
    {"kill_after", "kill_after = \"10s\"", [](V v, D d) { set(d.job.kill_after, v.duration()); }},
    {"success_exit_codes", "success_exit_codes = [0]",
     [](V v, D d) { set(d.job.success_exit_codes, v.wholes(0, 255)); }},
    {"skip_exit_codes", "skip_exit_codes = [99]", [](V v, D d) { set(d.job.skip_exit_codes, v.wholes(0, 255)); }},

    // running at the same time
    {"overlap", "overlap = \"queue\"",
     [](V v, D d) {
         set(d.job.overlap, v.choice<Overlap>({{"skip", Overlap::skip},
                                               {"queue", Overlap::queue},
                                               {"kill", Overlap::kill},
                                               {"allow", Overlap::allow}}));
     }},
    {"pool", "pool = \"db\"", read_pool},
    {"priority", "priority = 10", [](V v, D d) { set(d.job.priority, v.whole(-any_number, any_number)); }},
    {"memory", "memory = \"8G\"", [](V v, D d) { set(d.job.memory, v.size()); }},
    {"cpus", "cpus = 2", read_cpus},
    {"notify", "notify = { failure = [\"slack:ops\"] }", read_notify},

    // Documented, but not in this version: an error, never ignored.
    {"on_oom", "", nullptr},
};

}  // namespace

std::span<const Key<JobDraft>> job_keys() { return keys; }

Spot JobDraft::spot(std::string_view key) const {
    const auto found = where.find(key);
    return found == where.end() ? job.spot : spot_of(*found->second);
}

void lay_on(JobDraft& draft, const toml::table& table, std::string_view title, Scope& scope) {
    std::string_view first;
    for (const auto& [key, action] : {std::pair<std::string_view, ActionKind>{"command", ActionKind::command},
                                      {"slack", ActionKind::slack},
                                      {"http", ActionKind::http}}) {
        const toml::node* node = table.get(key);
        if (!node) continue;
        if (!first.empty())
            scope.problems.report(spot_of(*node), fmt::format("{} has both `{}` and `{}`", title, first, key),
                                  "write two jobs: a job has one action");
        draft.action = action;
        first = key;
    }

    read_table(table, title, job_keys(), scope, draft);
    for (const auto& [key, node] : table) draft.where.insert_or_assign(key.str(), &node);
}

}  // namespace mc
