// job.h — a job and its parts as declared by the user, after [defaults] and groups have been merged.
//
// Plain values. Every name is a key of marketcron.toml(5); absent keys have the documented default.
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
#include "schedule/job_name.h"
#include "schedule/limit.h"
#include "schedule/schedule.h"

namespace mc {

enum class CatchUp { none, latest, all };
enum class Overlap { skip, queue, kill, allow };

// slack = { to = "ops", text = "..." }: the run sends this message.
struct SlackPost {
    std::string to;
    Template text;
};
// http = { method, url, ... }: the run sends this request. Never empty; behind a pointer because it is large and rare.
using HttpAction = BoxedOptional<HttpCall>;
using JobAction = std::variant<ShellCommand, ExecCommand, SlackPost, HttpAction>;

// after = ["a", "b@previous"]: the run of the same logical date, or of the newest one strictly before.
struct Upstream {
    JobName job;
    bool previous = false;
    bool operator==(const Upstream&) const = default;
};
// Airflow's rules with Airflow's names: which results of the upstream jobs let the job start.
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

// Which targets get which notifications. `output`: an attempt that printed something has ended.
struct NotifyRules {
    std::vector<Target> failure, retry, success, late, missed, recovery, output;
    std::optional<Seconds> repeat;  // the interval of reminders for an open alert; absent: none
    bool operator==(const NotifyRules&) const = default;
};

struct Job {
    JobName name;                      // its identity, here and in the ledger
    BoxedOptional<std::string> title;  // the name that users see instead: FILE:LINE for a crontab's job
    std::string group;
    Spot spot;  // of [job.NAME]
    std::string description, owner, runbook;
    std::vector<std::string> tags;
    bool enabled = true;
    bool hold = false;   // when it is first loaded
    bool quiet = false;  // not in the daemon's log: `-` before a crontab's schedule

    JobSchedule schedule;
    CatchUp catch_up = CatchUp::none;
    Seconds catch_up_within{7 * 86400};
    Seconds grace{60};
    bool latest_only = false;
    bool depends_on_past = false;
    BoxedOptional<Limit> wait_until, not_after, deadline;
    BoxedOptional<After> after;
    BoxedOptional<std::vector<Sensor>> wait;  // a due run waits for all of them

    JobAction action;
    std::string shell = "/bin/sh";
    std::string user;             // "" = the daemon's user
    BoxedOptional<Template> cwd;  // absent = the user's home
    std::map<std::string, Template> env;
    std::string env_file;                           // read when the run starts
    std::map<std::string, std::string> secret_env;  // name -> file that contains the value
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
    BoxedOptional<CronMail> cron_mail;  // for a crontab's job: the format of its mails

    // A job without a schedule is due when an upstream job is.
    bool has_schedule() const { return !schedule.schedules.empty(); }
    const NotifyRules& rules() const {
        static const NotifyRules nobody;
        return notify ? *notify : nobody;
    }
    // The name that users see.
    const std::string& shown() const { return title ? *title : name.text(); }
};

}  // namespace mc
