// open.h — the first step of most commands: load the configuration, and open its ledger for reading.
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
    std::shared_ptr<const Plan> file_plan;  // with [crontab]: the plan without the jobs of the crontabs
    std::vector<CrontabFile> tables;        // the crontabs, as they were read for `plan`
    ReadContext context;
    std::shared_ptr<const CalendarSet> of_files;  // the context's calendars as read from files, without overrides
    std::string state, socket;                    // the daemon's paths, with defaults filled in
    bool whole = true;                            // the file is valid; if false, the plan is empty or null
};

// The configuration that `args` names, or all its errors. Problems with calendar overrides go to stderr if the rest is
// usable.
ResultAll<LoadedConfig> open_plan(const Args& args);
// The same, but these problems go to `tell`.
ResultAll<LoadedConfig> open_plan(const Args& args, const std::function<void(const Error&)>& tell);

// The plan of another file, with the calendars of that context: what would apply if this file replaced the present one.
ResultAll<std::shared_ptr<const Plan>> plan_of(const std::string& file, const ReadContext& context);

// For a question that needs no configuration file: the machine's calendars, with the overrides of the daemon of the usual
// file. If these cannot be read, that is reported on stderr. Errors: of the machine's calendar files.
ResultAll<ReadContext> context_without_file();

// `file_plan` with the jobs of these crontabs added.
std::shared_ptr<const Plan> with_crontabs(const Plan& file_plan, const std::vector<CrontabFile>& files,
                                          const ReadContext& context);

// The daemon's paths, even if the file has errors after its [daemon]: while the file is being edited, an operator must be
// able to stop runs, and the daemon to report what is wrong with a reload. The plan may be null.
ResultAll<LoadedConfig> locate_daemon(const Args& args);

// For commands that ask the daemon or the ledger: if the file has errors, they are printed on stderr, and only the
// daemon's paths are used, with an empty plan.
ResultAll<LoadedConfig> open_to_ask(const Args& args);

// For a question about the configuration: if only the daemon may read the file, or if the file has errors and a daemon
// runs, as open_to_ask(), so that the daemon answers with the configuration that it has loaded. Otherwise the file's
// plan, or its errors.
ResultAll<LoadedConfig> open_plan_or_ask(const Args& args);
// Whether we may not read the ledger, because it belongs to the system's daemon and we are not root.
bool ledger_is_closed(const LoadedConfig& opened);
// Whether only the daemon can answer: the file has errors, or we may not read the ledger.
bool must_ask(const LoadedConfig& opened);

// The address of the daemon's ledger, for open_store().
std::string ledger_address(const LoadedConfig& opened);

// The ledger, read-only; null if no daemon has created one yet. Error: store.
Result<std::unique_ptr<RunStore>> open_ledger(const LoadedConfig& opened);

// The same, to ask which fires already have a run. If there is no ledger, one without rows; also if it cannot be read,
// and then the reason is printed on stderr.
std::unique_ptr<Ledger> ledger_of_fires(const LoadedConfig& opened);

// The job with that name or title. Error: usage, "unknown job", with a suggestion.
Result<const Job*> known_job(const Plan& plan, const std::string& name);
// Errors of kind usage: "there is no run 17"; "run 17 has no attempt 4", with the number of its latest attempt.
Error no_run(RunId id);
Error no_attempt(const Run& run, std::int64_t attempt);

}  // namespace mc::app
