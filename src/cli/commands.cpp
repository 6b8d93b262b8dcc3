// commands.cpp — the table of commands: the one truth for help and parsing.
#include "desk/command.h"

namespace mc::app {

namespace {

constexpr Option from_date{"--from", "DATE", "the first logical date, inclusive"};
constexpr Option to_date{"--to", "DATE", "the last logical date, inclusive"};
constexpr Option as_of{"--as-of", "DATE", "as it was known on that day"};
constexpr Option yes{"--yes", "", "do not ask"};
constexpr Option until_time{"--until", "TIME", "released by itself then: 90m, 17:30, 2026-11-23, 2026-11-23T14:00:00Z"};
constexpr Option all_of_them{"--all", "", "a line for each, instead of the first ones and the last"};
constexpr std::size_t any = 1000;

// clang-format off
std::vector<Command> about_jobs() {
    return {
        {"daemon", "run the jobs, in the foreground", {}, {}, false, "marketcron daemon -c desk.toml", cmd_daemon},
        {"check", "validate a file and print every error with its place", {"[FILE...]", 0, any}, {}, true, "marketcron check desk.toml", cmd_check},
        {"next", "the coming fires",
         {"[JOB...]", 0, any},
         {{"-n", "N", "how many in all (10)"},
          {"--from", "TIME", "strictly after this time (now), or from this date on"},
          {"--schedule", "TEXT", "of this schedule instead of a file's jobs"},
          {"--timezone", "ZONE", "with --schedule: its time zone"},
          {"--calendar", "CALENDAR", "with --schedule: its calendar"},
          {"--when", "TEXT", "with --schedule: its predicate"},
          {"--roll", "HOW", "with --schedule: where a fire on no session goes"},
          {"--run-for", "WHAT", "with --schedule: what a run is for"}},
         true, "marketcron next --schedule '@close-5m' --calendar XNYS -n 3", cmd_next},
        {"why", "what happened or will happen to a job on a date, and why", {"JOB [DATE]", 1, 2}, {}, true,
         "marketcron why ingest_bars 2026-11-27", cmd_why},
        {"diff", "the fires that a change of the configuration adds, drops or moves",
         {"[OLD] NEW", 1, 2},
         {from_date, to_date, all_of_them},
         true, "marketcron diff /etc/marketcron/marketcron.toml desk.toml", cmd_diff},
        {"simulate", "what would run between two dates, on a virtual clock; nothing is run",
         {},
         {from_date, to_date,
          {"--fail", "JOB@DATE", "every attempt of that job for that logical date fails; may be repeated", true},
          {"--down", "TIME..TIME", "no daemon in that span; may be repeated", true},
          {"--duration", "JOB=TIME", "how long that job takes (as usual in the ledger, else 1s); may be repeated", true},
          {"--all", "", "a line for each run, instead of a summary"}},
         true, "marketcron simulate --from 2026-11-23 --to 2026-11-30 --fail ingest_bars@2026-11-24", cmd_simulate},
        {"runs", "the ledger, newest first",
         {"[JOB...]", 0, any},
         {from_date, to_date, {"--state", "STATE", "only runs in this state"}, {"-n", "N", "at most so many (20)"}},
         true, "marketcron runs ingest_bars --state failed", cmd_runs},
        {"alerts", "what has gone wrong and is not mended yet; ack and close are a person's word on it",
         {"[ack|close ALERT]", 0, 2},
         {{"--reason", "TEXT", "with ack and close: what is known"}, {"--all", "", "those that are closed, too"}},
         true, "marketcron alerts ack 17 --reason 'the vendor is on it'", cmd_alerts},
        {"status", "what is running, waiting, and next", {}, {}, true, "marketcron status", cmd_status},
        {"logs",
         "what a run printed; with --json the check of its output instead",
         {"RUN", 1, 1},
         {{"-f", "", "follow until the run ends"}, {"--attempt", "N", "what its Nth attempt printed, instead of the latest"}},
         true,
         "marketcron logs 17 -f",
         cmd_logs},
    };
}

std::vector<Command> that_act() {
    return {
        {"start", "run a job by hand", {"JOB", 1, 1},
         {{"--session", "DATE", "for that logical date"},
          {"--gates", "", "holds, other jobs, sensors, wait_until and when count as usual"},
          {"--force", "", "also past its not_after"},
          {"--memory", "SIZE", "what this run claims: 8G"},
          {"--timeout", "TIME", "how long this run may take: 2h"},
          {"--env", "NAME=VALUE", "for this run alone; may be repeated", true},
          yes},
         false, "marketcron start ingest_bars --session 2026-11-20", cmd_start},
        {"stop", "end a run, with all its processes", {"RUN", 1, 1}, {yes}, false, "marketcron stop 17", cmd_stop},
        {"rerun", "run a finished run again", {"RUN", 1, 1}, {{"--force", "", "also past its not_after, and where its when is false"}, yes}, false,
         "marketcron rerun 17", cmd_rerun},
        {"mark", "a person's verdict on a run: success, failed or skipped", {"RUN success|failed|skipped", 2, 2},
         {{"--reason", "TEXT", "why, for the ledger"}, yes}, false,
         "marketcron mark 17 success --reason 'loaded by hand'", cmd_mark},
        {"clear", "stop what still runs of those dates, and put them back to waiting", {"JOB...", 1, any},
         {from_date, to_date, {"--downstream", "", "also what ran after them"},
          {"--dry-run", "", "only list what would be cleared"}, yes},
         true, "marketcron clear ingest_bars --from 2026-11-20 --to 2026-11-20 --downstream", cmd_clear},
        {"hold", "let nothing of a job start until it is released", {"JOB", 1, 1},
         {until_time, yes}, false, "marketcron hold ingest_bars --until 17:30", cmd_hold},
        {"ice", "skip a job's due runs; what is after it goes on without it", {"JOB", 1, 1},
         {until_time, yes}, false, "marketcron ice ingest_bars --until 2026-11-23", cmd_ice},
        {"release", "let a held or iced job go on; of what gathered, as catch_up says", {"JOB", 1, 1}, {yes}, false,
         "marketcron release ingest_bars", cmd_release},
        {"backfill", "run past logical dates", {"JOB...", 1, any},
         {from_date, to_date,
          {"--dry-run", "", "only list what would run"},
          {"--rerun", "WHICH", "also dates that have run: failed or all"},
          {"--parallel", "N", "so many at once (1)"},
          {"--upstream", "", "also the jobs before them that have no row"},
          {"--assume-upstream", "", "as if those had succeeded"},
          yes, {"--wait", "", "until all have ended; exit 1 when one failed"}},
         true, "marketcron backfill ingest_bars --from 2026-11-02 --to 2026-11-20", cmd_backfill},
        {"reload", "read the configuration again; a bad file changes nothing", {}, {}, false, "marketcron reload", cmd_reload},
        {"drain", "start nothing new, and end with the last running job", {}, {}, false, "marketcron drain", cmd_drain},
    };
}

std::vector<Command> about_the_rest() {
    return {
        {"calendar list", "the calendars and what they cover", {}, {}, true, "marketcron calendar list", cmd_calendar_list},
        {"calendar show", "what a calendar knows of a date", {"CALENDAR [DATE]", 1, 2}, {as_of}, true,
         "marketcron calendar show XNYS 2026-11-27", cmd_calendar_show},
        {"calendar sessions", "the sessions between two dates",
         {"CALENDAR", 1, 1},
         {{"--from", "DATE", "the first date"}, {"--to", "DATE", "the last date"}, {"--csv", "", "as CSV, in UTC"}, as_of},
         true, "marketcron calendar sessions XNYS --from 2026-11-23 --to 2026-11-27 --csv", cmd_calendar_sessions},
        {"calendar is-open", "exit 0 when the market is open, 1 when not", {"CALENDAR [TIME]", 1, 2}, {}, true,
         "marketcron calendar is-open XNYS && run-me", cmd_calendar_is_open},
        {"calendar check", "validate a calendar file", {"FILE", 1, 1}, {}, false,
         "marketcron calendar check xnys.toml", cmd_calendar_check},
        {"calendar diff", "what new calendar files would change: sessions, and jobs' fires", {"FILE|DIR", 1, 1},
         {from_date, to_date, all_of_them},
         true, "marketcron calendar diff xnys.toml", cmd_calendar_diff},
        {"calendar override", "an unscheduled change, now", {"CALENDAR DATE closed|open|close|clear [TIME]", 3, 4},
         {{"--reason", "TEXT", "what for"}}, false,
         "marketcron calendar override XNYS 2026-11-27 close 13:00 --reason storm", cmd_calendar_override},
        {"import", "crontabs as a marketcron file on stdout", {"FILE...", 1, any},
         {{"--system", "", "each line names its user, as in /etc/crontab"}, {"--user", "USER", "whose table it is (yours)"}},
         true, "marketcron import /etc/crontab", cmd_import},
        {"notify test", "send a test message", {"TARGET", 1, 1}, {}, false, "marketcron notify test slack:ops", cmd_notify_test},
        {"completion", "completions for a shell, on stdout", {"SHELL", 1, 1}, {}, false,
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
