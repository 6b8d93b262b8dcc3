// command.h — a command: a row of the table from which help and parsing are made. Each command has its own file,
// cmd_NAME.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace mc::app {

// An option as the user types it. An empty `value` makes it a switch.
struct Option {
    std::string_view name;   // "--from"
    std::string_view value;  // "DATE"
    std::string_view help;
    bool repeats = false;  // may be given several times: Args::all
};

// Words after the command's name: "JOB...", "[JOB...]", "RUN", "[DATE]".
struct Words {
    std::string_view shown;
    std::size_t least = 0;
    std::size_t most = 0;
};

// The parsed command line. Only its form has been checked.
class Args {
   public:
    std::vector<std::string> words;
    std::map<std::string, std::string, std::less<>> options;                // switches hold ""
    std::map<std::string, std::vector<std::string>, std::less<>> repeated;  // options that repeat, in the order typed
    std::string config;                                                     // -c FILE; "" when not given
    bool json = false;

    bool has(std::string_view option) const { return options.count(option) != 0; }
    std::string get(std::string_view option, std::string_view otherwise = "") const;
    // All values of an option that repeats.
    std::vector<std::string> all(std::string_view option) const;
    // Error: usage, naming the option.
    Result<Date> date(std::string_view option) const;
    Result<std::int64_t> number(std::string_view option, std::int64_t least, std::int64_t most) const;
};

// Reads the number of a run; an alert has the number of the run that opened it. `word` names the number in the error,
// of kind usage.
Result<std::int64_t> run_number(const std::string& text, const std::string& word = "RUN");

struct Command {
    std::string_view name;  // "next", "calendar list"
    std::string_view help;  // one line
    Words words;
    std::vector<Option> options;
    bool json = false;  // accepts --json
    std::string_view example;
    int (*run)(const Args& args);  // returns the exit code
};

// All commands, in the order of the help.
const std::vector<Command>& commands();

// Prints the error to stderr as `marketcron: ...` and returns its exit code.
int report(const Error& error);
int report(const Errors& errors);

// Whether the daemon of the configuration that `args` names answers.
bool daemon_answers(const Args& args);

int cmd_backfill(const Args& args);
int cmd_calendar_check(const Args& args);
int cmd_calendar_diff(const Args& args);
int cmd_calendar_is_open(const Args& args);
int cmd_calendar_list(const Args& args);
int cmd_calendar_override(const Args& args);
int cmd_calendar_sessions(const Args& args);
int cmd_calendar_show(const Args& args);
int cmd_check(const Args& args);
int cmd_clear(const Args& args);
int cmd_completion(const Args& args);
int cmd_daemon(const Args& args);
int cmd_diff(const Args& args);
int cmd_drain(const Args& args);
int cmd_hold(const Args& args);
int cmd_ice(const Args& args);
int cmd_import(const Args& args);
int cmd_logs(const Args& args);
int cmd_mark(const Args& args);
int cmd_next(const Args& args);
int cmd_notify_test(const Args& args);
int cmd_release(const Args& args);
int cmd_reload(const Args& args);
int cmd_rerun(const Args& args);
int cmd_alerts(const Args& args);
int cmd_runs(const Args& args);
int cmd_simulate(const Args& args);
int cmd_start(const Args& args);
int cmd_status(const Args& args);
int cmd_stop(const Args& args);
int cmd_version(const Args& args);
int cmd_why(const Args& args);

}  // namespace mc::app
