// plan.h — the whole validated file (with what it includes): jobs, calendars, where to tell, where to live.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/calendar_set.h"
#include "config/channel.h"
#include "config/job.h"

namespace mc {

// [crontab]: the tables that are run as cron runs them, all paths absolute.
struct CrontabSettings {
    std::vector<std::string> files;  // each line names its user: /etc/crontab
    std::vector<std::string> dirs;   // of such files: /etc/cron.d
    std::string spool;               // of files that are called as their user; "" = none
    bool cronies_names = false;      // names = "cronie": which files of `dirs` are read
    NotifyRules notify;              // beside the mails that the tables ask for
    Spot spot;                       // of [crontab]; line 0: there is none
    bool any() const { return !files.empty() || !dirs.empty() || !spool.empty(); }
};

struct DaemonSettings {
    std::string state;   // directory, absolute; "" = the default for this user
    std::string socket;  // path, absolute; "" = the default for this user
    std::optional<std::uint64_t> capacity_memory;
    std::optional<double> capacity_cpus;
    Seconds keep_runs{7LL * 365 * 86400};
    Seconds keep_output{90 * 86400};
    std::uint64_t max_output = 10U << 20;  // bytes, per attempt
    std::vector<Target> notify;            // they get what is wrong with the daemon itself
};

struct Warning {
    std::string what;
    Spot spot;
    std::string text() const;  // "FILE:LINE:COL: warning: ..."
};

// A calendar of the file's own as TOML, for schedule_text.
struct OwnCalendarText {
    std::string text;
    std::vector<std::string> made_of;  // those that it extends or joins, as written
};

struct Plan {
    std::map<std::string, Job> jobs;   // by name
    Channels channels;                 // by target: [slack.ops] is "slack:ops"
    std::map<std::string, int> pools;  // slots
    DaemonSettings daemon;
    CrontabSettings crontab;
    std::shared_ptr<const CalendarSet> calendars;          // built in, from the directory, and the file's own
    std::map<std::string, OwnCalendarText> own_calendars;  // each [calendar.NAME] of the files
    std::vector<Warning> warnings;
    std::vector<Warning> of_keys;    // for `check` alone: config/key_warnings.h
    std::vector<std::string> files;  // all that were read, the main one first
    std::string generation;          // a hash of all the texts, 16 hex digits

    // The job of that name or title; null when there is none.
    const Job* find_job(std::string_view name) const;
    // What people see of a job: its title, else its name.
    std::string title(const std::string& job) const;
};

// A text and where it came from.
struct SourceText {
    std::string path;
    std::string text;
};

// What reading needs from outside; the shell fills it in, tests fill it with maps.
struct ReadContext {
    std::shared_ptr<const CalendarSet> calendars;  // without the file's own
    ZonePtr host_zone;
    ChannelReaders channels;  // one for each kind; without them no file can have a channel
    // The process's: what the relative path of a file is relative to.
    std::string working_directory = "/";
    // The files that match a pattern of `include`, sorted, read; relative patterns are relative to
    // `from`'s directory. Error: process, when one cannot be read.
    std::function<Result<std::vector<SourceText>>(std::string_view pattern, std::string_view from)> include;
};

// Reads the file and all it includes. Errors come all at once, each with its place, in the order of the
// files and lines; nothing of a file with errors is used.
ResultAll<Plan> read_plan(const SourceText& file, const ReadContext& context);

// The same plan by the context's calendars, those of its own made anew of what they extend and join.
Plan with_calendars(Plan plan, const ReadContext& context);

// The half of a job that decides its fires, as text that read_schedule understands: stored in the ledger,
// so that down time is judged by the schedule that was loaded then. Equal text, equal fires. It
// carries the file's own calendars that it names.
std::string schedule_text(const Job& job, const Plan& plan);
struct StoredSchedule {
    JobSchedule schedule;
    std::shared_ptr<const CalendarSet> calendars;
};
Result<StoredSchedule> read_schedule(std::string_view text, const ReadContext& context);

}  // namespace mc
