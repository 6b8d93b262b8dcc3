// plan.h — the whole validated configuration: jobs, calendars, channels, and settings of the daemon.
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

// [crontab]: the crontabs to run as cron runs them, with absolute paths.
struct CrontabSettings {
    std::vector<std::string> files;  // each line names its user: /etc/crontab
    std::vector<std::string> dirs;   // of such files: /etc/cron.d
    std::string spool;               // directory of files that are named after their user; "" = none
    bool cronies_names = false;      // names = "cronie": which files of `dirs` are read
    NotifyRules notify;              // in addition to the mails that the crontabs ask for
    Spot spot;                       // of [crontab]; line 0: no such section
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
    std::vector<Target> notify;            // they get the daemon's own trouble
};

struct Warning {
    std::string what;
    Spot spot;
    std::string text() const;  // "FILE:LINE:COL: warning: ..."
};

// A calendar of the configuration as TOML, for schedule_text().
struct OwnCalendarText {
    std::string text;
    std::vector<CalendarName> made_of;  // the calendars that it extends or joins, as written
};

using OwnCalendarTexts = std::map<CalendarName, OwnCalendarText, std::less<>>;  // by name
using Jobs = std::map<JobName, Job, std::less<>>;                               // by name

struct Plan {
    Jobs jobs;
    Channels channels;                 // by target: [slack.ops] is "slack:ops"
    std::map<std::string, int> pools;  // slots
    DaemonSettings daemon;
    CrontabSettings crontab;
    std::shared_ptr<const CalendarSet> calendars;  // built in, from the directory, and of the configuration
    OwnCalendarTexts own_calendars;                // each [calendar.NAME] of the files
    std::vector<Warning> warnings;
    std::vector<Warning> of_keys;    // only for `check`: config/key_warnings.h
    std::vector<std::string> files;  // all that were read, the main one first
    std::string generation;          // a hash of all the texts, 16 hex digits

    // The job with that name or title; null if there is none.
    const Job* find_job(std::string_view name) const;
    // The name of a job that users see: its title, else its name.
    std::string title(const JobName& job) const;
};

// A text and its origin.
struct SourceText {
    std::string path;
    std::string text;
};

// What the reader needs from outside; the program fills it from the machine, tests from maps.
struct ReadContext {
    std::shared_ptr<const CalendarSet> calendars;  // without those of the configuration
    ZonePtr host_zone;
    ChannelReaders channels;  // one for each kind; without them no file can have a channel
    // The directory of the process, for the relative path of a file.
    std::string working_directory = "/";
    // The files that match a pattern of `include`, sorted, with their texts. Relative patterns are relative to the
    // directory of `from`. Error: process, if a file cannot be read.
    std::function<Result<std::vector<SourceText>>(std::string_view pattern, std::string_view from)> include;
};

// Reads the file and its includes. Returns all errors at once, each with its place, in the order of files and lines. A
// configuration with errors is not used at all.
ResultAll<Plan> read_plan(const SourceText& file, const ReadContext& context);

// The same plan with the context's calendars; the plan's own calendars are built again from them.
Plan with_calendars(Plan plan, const ReadContext& context);

// The part of a job that decides its fires, as text for read_schedule(). It is stored in the ledger so that fires
// during down time are computed with the schedule that was loaded then. Equal texts have equal fires. It includes the
// configuration's own calendars that it names.
std::string schedule_text(const Job& job, const Plan& plan);
struct StoredSchedule {
    JobSchedule schedule;
    std::shared_ptr<const CalendarSet> calendars;
};
Result<StoredSchedule> read_schedule(std::string_view text, const ReadContext& context);

}  // namespace mc
