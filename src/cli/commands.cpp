// commands.cpp — the table of commands, from which help, parsing and completion are made.
#include "desk/command.h"

namespace mc::app {

namespace {

constexpr Option from_date{"--from", "DATE", "the first logical date, inclusive"};
constexpr Option to_date{"--to", "DATE", "the last logical date, inclusive"};
constexpr Option as_of{"--as-of", "DATE", "use the calendar as it was known on that day"};
constexpr Option yes{"--yes", "", "do not ask"};
constexpr Option until_time{"--until", "TIME",
                            "release automatically at this time: 90m, 17:30, 2026-11-23, 2026-11-23T14:00:00Z"};
constexpr Option all_of_them{"--all", "", "print every change, instead of the first ones and the last of each kind"};
constexpr std::size_t any = 1000;

// clang-format off
std::vector<Command> about_jobs() {
    return {
        {"daemon", "run the jobs, in the foreground", {}, {}, false, "marketcron daemon -c desk.toml", cmd_daemon},
        {"check", "validate configuration files and print every error with its place", {"[FILE...]", 0, any}, {}, true, "marketcron check desk.toml", cmd_check},
        {"next", "show the next fires",
         {"[JOB...]", 0, any},
         {{"-n", "N", "number of fires, of all jobs together (default 10)"},
          {"--from", "TIME", "show fires after this time (default now), or from this date on"},
          {"--schedule", "TEXT", "use this schedule instead of the configuration's jobs"},
          {"--timezone", "ZONE", "with --schedule: its time zone"},
          {"--calendar", "CALENDAR", "with --schedule: its calendar"},
          {"--when", "TEXT", "with --schedule: its predicate"},
          {"--roll", "HOW", "with --schedule: where a fire on a date without a session moves"},
          {"--run-for", "WHAT", "with --schedule: how the logical date of a run is chosen"}},
         true, "marketcron next --schedule '@close-5m' --calendar XNYS -n 3", cmd_next},
        {"why", "explain what happened or will happen to a job on a date", {"JOB [DATE]", 1, 2}, {}, true,
         "marketcron why ingest_bars 2026-11-27", cmd_why},
        {"diff", "show the fires that a change of the configuration adds, drops or moves",
         {"[OLD] NEW", 1, 2},
         {from_date, to_date, all_of_them},
         true, "marketcron diff /etc/marketcron/marketcron.toml desk.toml", cmd_diff},
        {"simulate", "show what would run between two dates, on a virtual clock; executes nothing",
         {},
         {from_date, to_date,
          {"--fail", "JOB@DATE", "every attempt of the job for that logical date fails; can be repeated", true},
          {"--down", "TIME..TIME", "no daemon runs in this time; can be repeated", true},
          {"--duration", "JOB=TIME", "how long the job takes (default: the usual time in the ledger, or 1s); can be repeated", true},
          {"--all", "", "print a line for each run, instead of a summary"}},
         true, "marketcron simulate --from 2026-11-23 --to 2026-11-30 --fail ingest_bars@2026-11-24", cmd_simulate},
        {"runs", "show the ledger, newest first",
         {"[JOB...]", 0, any},
         {from_date, to_date, {"--state", "STATE", "only runs in this state"}, {"-n", "N", "at most this many rows (default 20; all with --json)"}},
         true, "marketcron runs ingest_bars --state failed", cmd_runs},
        {"alerts", "list the open alerts; acknowledge or close one",
         {"[ack|close ALERT]", 0, 2},
         {{"--reason", "TEXT", "with ack and close: what is known"}, {"--all", "", "list closed alerts too"}},
         true, "marketcron alerts ack 17 --reason 'the vendor is on it'", cmd_alerts},
        {"status", "show what is running, what is waiting, and the next fires", {}, {}, true, "marketcron status", cmd_status},
        {"logs",
         "print a run's output; with --json the check of its output instead",
         {"RUN", 1, 1},
         {{"-f", "", "follow until the run ends"}, {"--attempt", "N", "the Nth attempt, instead of the latest"}},
         true,
         "marketcron logs 17 -f",
         cmd_logs},
    };
}

std::vector<Command> that_act() {
    return {
        {"start", "run a job by hand", {"JOB", 1, 1},
         {{"--session", "DATE", "the logical date of the run"},
          {"--gates", "", "wait for holds, other jobs, sensors and wait_until, and obey when, as a scheduled run does"},
          {"--force", "", "start it even after its not_after"},
          {"--memory", "SIZE", "the memory that this run claims: 8G"},
          {"--timeout", "TIME", "how long this run may take: 2h"},
          {"--env", "NAME=VALUE", "set a variable for this run only; can be repeated", true},
          yes},
         false, "marketcron start ingest_bars --session 2026-11-20", cmd_start},
        {"stop", "stop a run and all its processes", {"RUN", 1, 1}, {yes}, false, "marketcron stop 17", cmd_stop},
        {"rerun", "run a finished run again", {"RUN", 1, 1}, {{"--force", "", "rerun it even after its not_after, or if its when is false"}, yes}, false,
         "marketcron rerun 17", cmd_rerun},
        {"mark", "set the result of a run by hand: success, failed or skipped", {"RUN success|failed|skipped", 2, 2},
         {{"--reason", "TEXT", "why, for the ledger"}, yes}, false,
         "marketcron mark 17 success --reason 'loaded by hand'", cmd_mark},
        {"clear", "reset the runs of a range of dates to waiting; active ones are stopped first", {"JOB...", 1, any},
         {from_date, to_date, {"--downstream", "", "also reset downstream runs that have ended"},
          {"--dry-run", "", "only list what would be cleared"}, yes},
         true, "marketcron clear ingest_bars --from 2026-11-20 --to 2026-11-20 --downstream", cmd_clear},
        {"hold", "hold a job: its runs wait until you release it", {"JOB", 1, 1},
         {until_time, yes}, false, "marketcron hold ingest_bars --until 17:30", cmd_hold},
        {"ice", "skip a job's due runs; downstream jobs run as if it had succeeded", {"JOB", 1, 1},
         {until_time, yes}, false, "marketcron ice ingest_bars --until 2026-11-23", cmd_ice},
        {"release", "end a job's hold or ice; its newest waiting run can start (catch_up = \"all\": all of them)", {"JOB", 1, 1}, {yes}, false,
         "marketcron release ingest_bars", cmd_release},
        {"backfill", "run past logical dates", {"JOB...", 1, any},
         {from_date, to_date,
          {"--dry-run", "", "only list what would run"},
          {"--rerun", "WHICH", "also run dates that have already run: failed or all"},
          {"--parallel", "N", "number of runs at the same time (default 1)"},
          {"--upstream", "", "also run the fires of upstream jobs that have no row"},
          {"--assume-upstream", "", "treat upstream fires without a row as successful"},
          yes, {"--wait", "", "wait until all runs have ended; exit 1 if any failed"}},
         true, "marketcron backfill ingest_bars --from 2026-11-02 --to 2026-11-20", cmd_backfill},
        {"reload", "read the configuration again; if it has errors, nothing changes", {}, {}, false, "marketcron reload", cmd_reload},
        {"drain", "start no more runs, and stop the daemon when the last running job has ended", {}, {}, false, "marketcron drain", cmd_drain},
    };
}

std::vector<Command> about_the_rest() {
    return {
        {"calendar list", "list the calendars and the dates that they cover", {}, {}, true, "marketcron calendar list", cmd_calendar_list},
        {"calendar show", "show whether the market is open on a date, and why", {"CALENDAR [DATE]", 1, 2}, {as_of}, true,
         "marketcron calendar show XNYS 2026-11-27", cmd_calendar_show},
        {"calendar sessions", "list the sessions between two dates",
         {"CALENDAR", 1, 1},
         {{"--from", "DATE", "the first date"}, {"--to", "DATE", "the last date"}, {"--csv", "", "as CSV, in UTC"}, as_of},
         true, "marketcron calendar sessions XNYS --from 2026-11-23 --to 2026-11-27 --csv", cmd_calendar_sessions},
        {"calendar is-open", "exit with 0 if the market is open, with 1 if not", {"CALENDAR [TIME]", 1, 2}, {}, true,
         "marketcron calendar is-open XNYS && run-me", cmd_calendar_is_open},
        {"calendar check", "validate a calendar file", {"FILE", 1, 1}, {}, false,
         "marketcron calendar check xnys.toml", cmd_calendar_check},
        {"calendar diff", "show what new calendar files would change: sessions, and jobs' fires", {"FILE|DIR", 1, 1},
         {from_date, to_date, all_of_them},
         true, "marketcron calendar diff xnys.toml", cmd_calendar_diff},
        {"calendar override", "change one session of a calendar: closed, open, or other hours", {"CALENDAR DATE closed|open|close|clear [TIME]", 3, 4},
         {{"--reason", "TEXT", "the reason, which calendar show prints"}}, false,
         "marketcron calendar override XNYS 2026-11-27 close 13:00 --reason storm", cmd_calendar_override},
        {"import", "print crontabs as a configuration file", {"FILE...", 1, any},
         {{"--system", "", "each line names its user, as in /etc/crontab"}, {"--user", "USER", "the crontab's user (default: you)"}},
         true, "marketcron import /etc/crontab", cmd_import},
        {"notify test", "send a test message", {"TARGET", 1, 1}, {}, false, "marketcron notify test slack:ops", cmd_notify_test},
        {"completion", "print completions for a shell", {"SHELL", 1, 1}, {}, false,
         "marketcron completion bash > /usr/share/bash-completion/completions/marketcron", cmd_completion},
        {"version", "print the version", {}, {}, false, "marketcron version", cmd_version},
    };
}
// clang-format on

}  // namespace

const std::vector<Command>& commands() {
    static const std::vector<Command> table = [] {
        std::vector<Command> all = about_jobs();
        for (const auto& more : {that_act(), about_the_rest()}) all.insert(all.end(), more.begin(), more.end());
        return all;
    }();
    return table;
}

}  // namespace mc::app
