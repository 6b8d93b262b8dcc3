#include "config/key_warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "config/job_parts.h"
#include "config/problems.h"
#include "config/uneven_step.h"

namespace mc {

namespace {

// All {{name:format}} whose format has no %.
std::vector<std::string> without_percent(std::string_view text) {
    std::vector<std::string> found;
    for (std::size_t at = 0; (at = text.find("{{", at)) != std::string_view::npos;) {
        if (text.substr(at, 4) == "{{{{") {
            at += 4;
            continue;
        }
        const std::size_t end = text.find("}}", at);
        const std::string_view part = text.substr(at, end == std::string_view::npos ? end : end + 2 - at);
        const std::size_t colon = part.find(':');
        const bool is_empty = colon == std::string_view::npos || part.find_first_not_of(" }", colon + 1) == part.npos;
        if (!is_empty && part.find('%', colon) == std::string_view::npos) found.emplace_back(part);
        at += part.size();
    }
    return found;
}

class KeyLook {
   public:
    KeyLook(const Job& job, const toml::table& own, const DaemonSettings& daemon, std::vector<Warning>& warnings)
        : job_(job), own_(own), daemon_(daemon), warnings_(warnings) {}

    void look() {
        if (!job_.enabled) return;
        if (!job_.after) idle("trigger", "without `after`", "write after = [\"JOB\"], or remove it");
        look_at_schedule();
        look_at_retries();
        look_at_notify();
        look_at_action();
        look_at_claims();
        look_at_steps();
        look_at_formats();
    }

   private:
    const Job& job_;
    const toml::table& own_;
    const DaemonSettings& daemon_;
    std::vector<Warning>& warnings_;

    void warn(const toml::node& node, std::string what) {
        warnings_.push_back({fmt::format("job \"{}\": {}", job_.shown(), what), spot_of(node)});
    }
    void idle(std::string_view key, std::string_view where, std::string_view hint) {
        if (const toml::node* node = own_.get(key))
            warn(*node, fmt::format("`{}` has no effect {}; {}", key, where, hint));
    }

    template <class Kind>
    bool has() const {
        const auto is = [](const Schedule& one) { return std::holds_alternative<Kind>(one); };
        return std::any_of(job_.schedule.schedules.begin(), job_.schedule.schedules.end(), is);
    }

    void look_at_schedule() {
        const auto& schedules = job_.schedule.schedules;
        if (!has<CronExpr>()) {
            const auto* where = job_.has_schedule() ? "on a schedule that is not cron's" : "without a schedule";
            for (const char* key : {"dst_gap", "dst_overlap"}) idle(key, where, "remove it");
            if (job_.has_schedule()) idle("roll", where, "remove it");
        } else if (never_changes(job_.schedule.zone->name())) {
            for (const char* key : {"dst_gap", "dst_overlap"})
                idle(key, fmt::format("in {}, which has no daylight saving time", job_.schedule.zone->name()),
                     "remove it");
        }
        const bool at_boot_only =
            job_.has_schedule() && std::all_of(schedules.begin(), schedules.end(),
                                               [](const auto& s) { return std::holds_alternative<Reboot>(s); });
        if (!job_.has_schedule() || at_boot_only) {
            const auto* where = at_boot_only ? "on @reboot" : "without a schedule";
            for (const char* key : {"grace", "catch_up", "catch_up_within", "jitter"}) idle(key, where, "remove it");
            if (at_boot_only) idle("latest_only", where, "remove it");
        } else if (job_.catch_up == CatchUp::none) {
            idle("catch_up_within", "without `catch_up`", "write catch_up = \"all\", or remove it");
        }
        if (!job_.has_schedule()) {
            idle("roll", "without a schedule", "remove it");
            if (job_.overlap != Overlap::allow)
                idle("overlap", "without a schedule: the run waits for an earlier run of the job", "remove it");
        }
        const auto kind = job_.schedule.run_for.kind;
        const bool of_sessions_only = job_.has_schedule() && std::all_of(schedules.begin(), schedules.end(),
                                                                         [](const auto& s) { return of_sessions(s); });
        if (of_sessions_only && (kind == RunFor::Kind::date || kind == RunFor::Kind::trading_session))
            idle("run_for", "on session events: a run is for the event's session", "remove it");
    }

    static bool never_changes(std::string_view zone) {
        return zone == "UTC" || zone == "GMT" || zone == "Etc/UTC" || zone == "Etc/GMT";
    }

    void look_at_retries() {
        if (job_.retries == 0 && !job_.retry_lost) {
            for (const char* key : {"retry_delay", "retry_backoff", "retry_max_delay"})
                idle(key, "without `retries`", "write retries = 2, or remove it");
            return;
        }
        if (job_.retry_delay == Seconds{0})
            for (const char* key : {"retry_backoff", "retry_max_delay"})
                idle(key, "without `retry_delay`", "write retry_delay = \"5m\", or remove it");
        else if (job_.retry_backoff <= 1 && job_.retry_max_delay && *job_.retry_max_delay >= job_.retry_delay)
            idle("retry_max_delay", "without `retry_backoff`", "write retry_backoff = 2.0, or remove it");
    }

    void look_at_notify() {
        const toml::node* node = own_.get("notify");
        const toml::table* notify = node ? node->as_table() : nullptr;
        if (!notify) return;
        const auto& rules = job_.rules();
        const auto idle_rule = [&](std::string_view key, bool without, std::string_view where, std::string_view hint) {
            const toml::node* rule = notify->get(key);
            if (rule && without) warn(*rule, fmt::format("`{}` in `notify` has no effect {}; {}", key, where, hint));
        };
        idle_rule("late", !job_.deadline, "without `deadline`", "write deadline = \"+2h\", or remove it");
        idle_rule("retry", job_.retries == 0 && !job_.retry_lost, "without `retries`",
                  "write retries = 2, or remove it");
        idle_rule("output", std::holds_alternative<SlackPost>(job_.action), "on `slack`, which prints nothing",
                  "write success = [\"slack:NAME\"], or remove it");
        idle_rule("repeat", rules.failure.empty() && rules.late.empty() && rules.missed.empty(),
                  "without `failure`, `late` or `missed`", "write failure = [\"slack:NAME\"], or remove it");
    }

    // Whether a sensor's command runs in the shell.
    bool has_sensor_of_shell() const {
        const auto is = [](const Sensor& sensor) {
            const auto* command = std::get_if<CommandSensor>(&sensor.kind);
            return command && std::holds_alternative<ShellCommand>(command->command);
        };
        return job_.wait && std::any_of(job_.wait->begin(), job_.wait->end(), is);
    }

    void look_at_shell() {
        const bool http = std::holds_alternative<HttpAction>(job_.action);
        if (http) idle("umask", "on `http`, which runs no command", "remove it");
        if (has_sensor_of_shell()) return;
        if (http) idle("shell", "on `http`, which runs no command", "remove it");
        if (std::holds_alternative<ExecCommand>(job_.action))
            idle("shell", "on a `command` that is a list, which needs no shell", "remove it");
    }

    void look_at_sensors() {
        const toml::node* node = own_.get("wait");
        if (!node || !job_.wait) return;
        for (const Sensor& sensor : *job_.wait)
            if (sensor.timeout && sensor.poll > *sensor.timeout)
                return warn(*node, fmt::format("`poll` of `wait`, {}, is longer than its `timeout`, {}: the sensor is "
                                               "checked only at the start and at the end; write a shorter `poll`",
                                               duration_text(sensor.poll), duration_text(*sensor.timeout)));
    }

    void look_at_action() {
        look_at_shell();
        look_at_sensors();
        const bool message = std::holds_alternative<SlackPost>(job_.action);
        if (message) {
            for (const char* key : {"kill_after", "success_exit_codes", "skip_exit_codes", "umask", "nice", "stdin"})
                idle(key, "on `slack`, which runs no command", "remove it");
            // A sensor's command runs with the settings of the job's command.
            if (!job_.wait)
                for (const char* key : {"shell", "cwd", "env", "env_file", "secret_env"})
                    idle(key, "on `slack`, which runs no command", "remove it");
        } else if (!job_.timeout && job_.overlap != Overlap::kill) {
            idle("kill_after", "without `timeout`, except when the run is stopped by hand",
                 "write timeout = \"2h\", or remove it");
        }
    }

    void look_at_claims() {
        if (!daemon_.capacity_memory)
            idle("memory", "without a capacity", "write capacity = { memory = \"64G\" } in [daemon], or remove it");
        if (!daemon_.capacity_cpus)
            idle("cpus", "without a capacity", "write capacity = { cpus = 16 } in [daemon], or remove it");
        const bool may_wait =
            !job_.pool.empty() || (job_.memory && daemon_.capacity_memory) || (job_.cpus && daemon_.capacity_cpus);
        if (!may_wait)
            idle("priority", "without a pool or a claim that it could wait for, except in a backfill",
                 "write pool = \"NAME\", or remove it");
        constexpr std::uint64_t least = 1'000'000;  // every process needs more
        if (const toml::node* node = own_.get("memory"); node && job_.memory && *job_.memory < least)
            warn(*node, fmt::format("`memory` is {} bytes; write a unit, such as memory = \"5G\"", *job_.memory));
    }

    // "{{date:YYYY-MM-DD}}", the format of Java.
    void look_at_formats() {
        std::set<std::string> told;
        each_template(job_, [&](const Template& text, std::string_view key) {
            for (const std::string& part : without_percent(text.text())) {
                if (!told.insert(part).second) continue;
                const toml::node* node = own_.get(key);
                warnings_.push_back(
                    {fmt::format("job \"{}\": the format of {} has no %, and gives the same text every day; write "
                                 "letters of strftime, such as %Y%m%d",
                                 job_.shown(), part),
                     node ? spot_of(*node) : job_.spot});
            }
        });
    }

    void look_at_steps() {
        const toml::node* node = own_.get("schedule");
        if (!node) return;
        const auto& schedule = job_.schedule;
        for (std::size_t i = 0; i < schedule.texts.size(); ++i) {
            if (!std::holds_alternative<CronExpr>(schedule.schedules[i])) continue;
            if (const auto uneven = uneven_step(schedule.texts[i])) warn(*node, *uneven);
        }
    }
};

}  // namespace

void warn_of_keys(const Job& job, const toml::table& own, const DaemonSettings& daemon,
                  std::vector<Warning>& warnings) {
    KeyLook(job, own, daemon, warnings).look();
}

void warn_of_zones(const Document& document, std::vector<Warning>& warnings) {
    static const std::map<std::string, std::string, std::less<>> fixed{
        {"EST", "America/New_York"}, {"MST", "America/Denver"}, {"HST", "Pacific/Honolulu"}};
    const auto look = [&](const toml::table& table) {
        const toml::node* node = table.get("timezone");
        const auto* text = node ? node->as_string() : nullptr;
        const auto found = text ? fixed.find(text->get()) : fixed.end();
        if (found == fixed.end()) return;
        warnings.push_back(
            {fmt::format("timezone \"{}\" has one offset all year, without daylight saving time; write \"{}\" "
                         "for the local time of a place",
                         found->first, found->second),
             spot_of(*node)});
    };
    for (const toml::table* table : document.defaults) look(*table);
    for (const auto* sections : {&document.groups, &document.jobs, &document.calendars})
        for (const auto& [name, section] : *sections) look(*section.table);
}

void warn_of_unused(const Document& document, const Jobs& jobs, std::vector<Warning>& warnings) {
    std::set<std::string> pools, groups;
    for (const auto& [name, job] : jobs) {
        pools.insert(job.pool);
        groups.insert(job.group);
    }
    const auto look = [&](const std::map<std::string, Section>& sections, const std::set<std::string>& used,
                          std::string_view kind) {
        for (const auto& [name, section] : sections)
            if (!used.contains(name))
                warnings.push_back(
                    {fmt::format("[{}.{}] has no effect: no job has {} = \"{}\"", kind, name, kind, name),
                     section.spot});
    };
    look(document.pools, pools, "pool");
    look(document.groups, groups, "group");
}

void warn_of_crontab_keys(const CrontabSettings& crontab, const toml::table& own, std::vector<Warning>& warnings) {
    const auto idle = [&](std::string_view key, std::string_view where) {
        if (const toml::node* node = own.get(key))
            warnings.push_back(
                {fmt::format("`{}` of [crontab] has no effect {}; remove it", key, where), spot_of(*node)});
    };
    if (!crontab.any()) idle("notify", "without `files`, `dirs` or `spool`");
    if (crontab.dirs.empty()) idle("names", "without `dirs`");
}

}  // namespace mc
