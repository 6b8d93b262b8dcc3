// crontab.h — parses a crontab as cronie does: its jobs, each with the environment set above its line, and the errors
// of the other lines. As in cron, only the invalid line is left out.
//
//   blank lines, `# comments`
//   NAME = value          applies to the jobs below it; quotes '..' or ".." around either, nothing is expanded
//   m h dom mon dow  [user]  [-n ]command%stdin
//   @reboot @hourly @daily ...  the same
//
// A `-` before the first field: nothing is logged (only in root's crontab and system crontabs). Schedules that cronie
// accepts but that never fire (reversed ranges, February 30) are errors here: schedule/cron.h.
// Source   crontab(5), and the behaviour of cronie 1.7.2; the cases are in tests/conformance/crontab.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace mc {

// The owner of a crontab: a system crontab has a user in each line, a user's own does not.
struct CrontabOwner {
    bool system = false;  // /etc/crontab, /etc/cron.d
    std::string user;     // for a user's own crontab
};

struct CrontabEntry {
    int line = 0;
    std::string text;  // the line as written, without its newline
    std::string user;
    std::string schedule;                    // "*/5 * * * *", one blank between fields; "@daily"
    std::string command;                     // for the shell: up to the first %, with \% as %
    std::optional<std::string> stdin_text;   // the text after it, with its newlines
    std::map<std::string, std::string> env;  // as set above the line, without cron's defaults
    Seconds random_delay{0};                 // RANDOM_DELAY: the maximum delay
    bool no_log = false;                     // `-` before the schedule
    bool mail_only_on_error = false;         // `-n ` before the command
    std::vector<std::string> comments;       // since the last entry, without `#` and blank; "" for an empty line
    std::string remark;                      // what cron ignores silently; "" = nothing
    std::string when;                        // what the fields cannot express: "day(-1)"; "" = nothing
    std::string not_after;                   // the latest start: "06:00"; "" = no limit
    std::string identifier;  // the job's name in an anacrontab, or its timer's name; "" = an entry of a crontab
    int catch_up_days = 0;   // for those: a run missed within this number of days is caught up, once

    // The value that applies; nullopt if the crontab does not set it.
    std::optional<std::string> setting(const std::string& name) const;
};

// The environment of the job under cron: the settings above its line; SHELL=/bin/sh, HOME (the user's, "" if unknown)
// and cron's PATH unless set; LOGNAME and USER, which cannot be set.
std::map<std::string, std::string> cron_environment(const CrontabEntry& entry, const std::string& home);

struct CrontabProblem {
    int line = 0;
    std::string what;  // the error and what to write instead
};

struct Crontab {
    std::vector<CrontabEntry> entries;
    std::vector<std::string> last_comments;  // after the last entry
    std::vector<CrontabProblem> problems;
};

// `seed` determines the values of `~`: the path of the crontab.
Crontab parse_crontab(std::string_view text, const CrontabOwner& owner, std::string_view seed);

}  // namespace mc
