// job.h — what the user declared: a job and its parts, after defaults and groups have been merged.
//
// Plain values. Every name is the key in the file, as in marketcron.toml(5); absent keys hold the documented default.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/boxed_optional.h"
#include "config/command.h"
#include "config/http_call.h"
#include "config/mail.h"
#include "config/sensor.h"
#include "config/target.h"
#include "config/template.h"
#include "schedule/limit.h"
#include "schedule/schedule.h"

namespace mc {

enum class CatchUp { none, latest, all };
enum class Overlap { skip, queue, kill, allow };

// slack = { to = "ops", text = "..." }: the run is the message.
struct SlackPost {
    std::string to;
    Template text;
};
// http = { method, url, ... }: the run is the request. Always there; behind a pointer, for it is large and rare.
using HttpAction = BoxedOptional<HttpCall>;
using JobAction = std::variant<ShellCommand, ExecCommand, SlackPost, HttpAction>;

// after = ["a", "b@previous"]: for the same logical date, or for its newest one strictly before.
struct Upstream {
    std::string job;
    bool previous = false;
    bool operator==(const Upstream&) const = default;
};
// Airflow's rules by their names: what the ends of the upstreams must be for the job to start.
// clang-format off
enum class Trigger {
    all_success, all_done, all_failed, all_skipped, one_success, one_failed, one_done,
    none_failed, none_failed_min_one_success, none_skipped, always, all_done_min_one_success
};
// clang-format on
struct After {
    std::vector<Upstream> upstreams;
    Trigger trigger = Trigger::all_success;
};

// Which targets get which notifications. `output`: an attempt has ended that printed something.
struct NotifyRules {
    std::vector<Target> failure, retry, success, late, missed, recovery, output;
    std::optional<Seconds> repeat;  // an open alert is told again so often; absent: once
    bool operator==(const NotifyRules&) const = default;
};

struct Job {
    std::string name;                  // what it is known by, here and in the ledger
    BoxedOptional<std::string> title;  // what people see instead: FILE:LINE of a crontab's job
    std::string group;
    Spot spot;  // of [job.NAME]
    std::string description, owner, runbook;
    std::vector<std::string> tags;
    bool enabled = true;
    bool hold = false;   // at its first load
    bool quiet = false;  // not in the daemon's log: `-` before a crontab's schedule

    JobSchedule schedule;
    CatchUp catch_up = CatchUp::none;
    Seconds catch_up_within{7 * 86400};
    Seconds grace{60};
    bool latest_only = false;
    bool depends_on_past = false;
    BoxedOptional<Limit> wait_until, not_after, deadline;
    BoxedOptional<After> after;
    BoxedOptional<std::vector<Sensor>> wait;  // what a due run waits for, all of it

    JobAction action;
    std::string shell = "/bin/sh";
    std::string user;             // "" = the daemon's own
    BoxedOptional<Template> cwd;  // absent = the user's home
    std::map<std::string, Template> env;
    std::string env_file;                           // read when the run starts
    std::map<std::string, std::string> secret_env;  // name -> file that holds the value
    std::optional<unsigned> umask;
    BoxedOptional<Template> stdin_text;
    int nice = 0;

    int retries = 0;
    Seconds retry_delay{0};
    double retry_backoff = 1.0;
    std::optional<Seconds> retry_max_delay;
    std::optional<Seconds> timeout;
    Seconds kill_after{10};
    std::vector<int> success_exit_codes{0};
    std::vector<int> skip_exit_codes;
    bool retry_lost = false;
    Overlap overlap = Overlap::skip;
    std::string pool;
    int priority = 0;
    std::optional<std::uint64_t> memory;  // bytes claimed
    std::optional<double> cpus;           // cores claimed

    BoxedOptional<NotifyRules> notify;
    BoxedOptional<CronMail> cron_mail;  // a crontab's job: how its mails look

    // Without one it is due when a job before it is.
    bool has_schedule() const { return !schedule.schedules.empty(); }
    const NotifyRules& rules() const {
        static const NotifyRules nobody;
        return notify ? *notify : nobody;
    }
    // What people see of it.
    const std::string& shown() const { return title ? *title : name; }
};

}  // namespace mc
