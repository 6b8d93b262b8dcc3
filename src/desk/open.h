// open.h — what most commands begin with: the plan of the file in question, and its ledger to read.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "config/crontab_jobs.h"
#include "config/plan.h"
#include "desk/command.h"
#include "store/run_store.h"

namespace mc::app {

struct LoadedConfig {
    std::string path;  // the configuration file
    std::shared_ptr<const Plan> plan;
    std::shared_ptr<const Plan> file_plan;  // with [crontab]: the plan of the file alone, without the tables' jobs
    std::vector<CrontabFile> tables;        // as they were read for `plan`
    ReadContext context;
    std::shared_ptr<const CalendarSet> of_files;  // the context's calendars as they were read, without overrides
    std::string state, socket;                    // the daemon's, with the defaults filled in
    bool whole = true;                            // the file is good; else the plan is empty, or null
};

ResultAll<LoadedConfig> open_plan(const Args& args);
// The same, where what is wrong with overrides of calendars, and leaves a plan, is told otherwise than on stderr.
ResultAll<LoadedConfig> open_plan(const Args& args, const std::function<void(const Error&)>& tell);

// The plan of another file, by those calendars: what would be if it took the place of the one they are from.
ResultAll<std::shared_ptr<const Plan>> plan_of(const std::string& file, const ReadContext& context);

// For a question that needs no file: the machine's calendars, with the overrides of the daemon whose file it would be;
// overrides that cannot be read are told on stderr. Errors: of the machine's calendar files.
ResultAll<ReadContext> context_without_file();

// The plan of the file alone, with the jobs of its crontabs.
std::shared_ptr<const Plan> with_crontabs(const Plan& file_plan, const std::vector<CrontabFile>& files,
                                          const ReadContext& context);

// Where the daemon lives, also when the file has errors behind its [daemon]: a run must be stoppable, and the
// daemon itself say what is wrong with a reload, while somebody mends the file. The plan may be null.
ResultAll<LoadedConfig> locate_daemon(const Args& args);

// For who asks the daemon or the ledger: a file with errors is complained of on stderr, and its place serves, with
// an empty plan.
ResultAll<LoadedConfig> open_to_ask(const Args& args);

// For a question that goes by the file: where only the daemon may read the file, or the file has errors and a daemon runs,
// as open_to_ask, so that the daemon's own good file is asked about. Else the file, or what is wrong with it.
ResultAll<LoadedConfig> open_plan_or_ask(const Args& args);
// Whether the state directory is there and closed to us: the system's daemon, and we are not root.
bool ledger_is_closed(const LoadedConfig& opened);
// The daemon has to be asked: the file has errors, or its ledger is closed to us.
bool must_ask(const LoadedConfig& opened);

// Where the daemon keeps its ledger; see open_store.h.
std::string ledger_address(const LoadedConfig& opened);

// The ledger, read only; null when no daemon has made one yet. Error: store.
Result<std::unique_ptr<RunStore>> open_ledger(const LoadedConfig& opened);

// The same, to ask which fires have had their run; one without rows where there is none, or where it cannot be read, which
// is told on stderr.
std::unique_ptr<Ledger> ledger_of_fires(const LoadedConfig& opened);

// Error: usage, "unknown job", with a suggestion.
Result<const Job*> known_job(const Plan& plan, const std::string& name);
// Of kind usage: "there is no run 17", and "run 17 has no attempt 4", and how many it has.
Error no_run(RunId id);
Error no_attempt(const Run& run, std::int64_t attempt);

}  // namespace mc::app
