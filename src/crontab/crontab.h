// crontab.h — a crontab as cronie reads it: its jobs, each with the environment in force at its line, and
// what is wrong with the other lines. A bad line alone is left out, as in cron.
//
//   blank lines, `# comments`
//   NAME = value          in force for the jobs below it; quotes '..' or ".." around either, nothing expanded
//   m h dom mon dow  [user]  [-n ]command%stdin
//   @reboot @hourly @daily ...  the same
//
// A `-` before the first field: nothing is logged (root's and the system's tables only). Where cronie accepts
// what can never fire (reversed ranges, February 30), an error is said here: schedule/cron.h.
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

// Whose table it is: the system's name a user in each line, a user's own do not.
struct CrontabOwner {
    bool system = false;  // /etc/crontab, /etc/cron.d
    std::string user;     // of a user's own table
};

struct CrontabEntry {
    int line = 0;
    std::string text;  // the line as written, without its newline
    std::string user;
    std::string schedule;                    // "*/5 * * * *", one blank between fields; "@daily"
    std::string command;                     // for the shell: up to the first %, with \% as %
    std::optional<std::string> stdin_text;   // what followed it, with its newlines
    std::map<std::string, std::string> env;  // as set above the line, nothing of cron's own added
    Seconds random_delay{0};                 // RANDOM_DELAY: it waits for so long at most
    bool no_log = false;                     // `-` before the schedule
    bool mail_only_on_error = false;         // `-n ` before the command
    std::vector<std::string> comments;       // since the last entry, without `#` and blank; "" where a line was empty
    std::string remark;                      // what cron passes over in silence; "" = nothing
    std::string when;                        // what no field says: "day(-1)"; "" = nothing
    std::string not_after;                   // no start later: "06:00"; "" = no limit
    std::string identifier;                  // the job's name in an anacrontab, or its timer's; "" = a crontab's entry
    int catch_up_days = 0;                   // theirs: what was missed in so many days is made up for, once

    // The value in force; nullopt when the table does not set it.
    std::optional<std::string> setting(const std::string& name) const;
};

// What the job has in its environment under cron: the settings above its line; SHELL=/bin/sh, HOME (the
// user's, "" when he is not known) and cron's PATH where they set none; LOGNAME and USER whatever they say.
std::map<std::string, std::string> cron_environment(const CrontabEntry& entry, const std::string& home);

struct CrontabProblem {
    int line = 0;
    std::string what;  // and what to write instead
};

struct Crontab {
    std::vector<CrontabEntry> entries;
    std::vector<std::string> last_comments;  // behind the last entry
    std::vector<CrontabProblem> problems;
};

// `seed` is what `~` is drawn from: the table's path.
Crontab parse_crontab(std::string_view text, const CrontabOwner& owner, std::string_view seed);

}  // namespace mc
