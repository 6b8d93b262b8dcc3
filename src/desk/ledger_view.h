// ledger_view.h — answers questions about runs and fires from one of two sources: the files of the ledger and the
// configuration, or the daemon's socket, for users who may not read the files.
//
// Answers contain job titles. A question names a job by its name or its title.
//
// Errors   Files: store; usage, for what does not exist. Daemon: as ask_daemon() (client.h). The error for a run that does
//          not exist is the same from both. Only the files report a job that has no rows and is not in the configuration.
// Bounds   none; the daemon's pages are requested one after the other.
// Ownership  the LoadedConfig outlives the view.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "desk/json.h"
#include "desk/open.h"
#include "desk/output_view.h"

namespace mc::app {

// The next fires, as of coming_json(), and why there are no more: "XNYS covers dates up to 2050-12-31".
struct ComingFires {
    std::vector<Json> fires;
    std::vector<std::string> horizons;  // always empty from the daemon
};

// A piece of an attempt's masked output.
struct LogPiece {
    Run run;
    std::string text;        // from the requested offset on
    std::uint64_t next = 0;  // the offset of the next piece
    bool over = false;       // the attempt has ended, and this is the end of its output
    bool more = false;       // reading took too long: ask again from `next`
    bool hidden = false;     // the output cannot be masked; `text` says why (the files return an error instead)
    bool shortened = false;  // the output was shortened at the attempt's end, and the offset is after the new end
};

// The file with an attempt's output.
struct OutputState {
    enum class Missing {
        no,
        expired,  // removed: older than keep_output
        lost,     // removed earlier
    };
    AttemptName attempt;
    OutputCheck check;
    Missing missing = Missing::no;  // always `no` from the daemon
};

class LedgerView {
   public:
    virtual ~LedgerView() = default;

    // Newest fire first.
    virtual Result<std::vector<Run>> runs(const RunFilter& filter) = 0;
    // The states of these runs, and perhaps of others. Runs that are no longer in the ledger are left out. `of`: the
    // backfill that created the runs.
    virtual Result<std::map<RunId, State>> states(const std::vector<RunId>& runs, const BackfillAsked& of) = 0;
    // As in explain/why.h. Without a date: for today in the job's time zone.
    virtual Result<std::vector<WhyLine>> why(const std::string& job, std::optional<Date> date) = 0;
    // As alerts_json().
    virtual Result<std::vector<Json>> alerts(AlertsAsked which) = 0;
    // The first n fires of these jobs, or without jobs of all, earliest first, strictly after `from` (default: now). Only
    // the files accept `from`.
    virtual Result<ComingFires> next(const std::vector<std::string>& jobs, std::size_t n,
                                     std::optional<Instant> from = {}) = 0;
    // What a backfill would do, as `backfill --dry-run --json` prints it.
    virtual Result<std::vector<Json>> would_backfill(const BackfillAsked& asked) = 0;
    // The output of that attempt; 0: the latest. The daemon sends at most one megabyte at a time.
    virtual Result<LogPiece> log(RunId run, int attempt, std::uint64_t offset) = 0;
    virtual Result<OutputState> output(RunId run, int attempt) = 0;
};

std::unique_ptr<LedgerView> view_of_files(const LoadedConfig& opened);
std::unique_ptr<LedgerView> view_of_daemon(const LoadedConfig& opened);

// Which files answer a question: the ledger, or the configuration too.
enum class Needs { ledger, plan };
// The view of the files if we may read them and they are valid, otherwise of the daemon.
std::unique_ptr<LedgerView> ledger_view(const LoadedConfig& opened, Needs needs = Needs::ledger);

// The body of a backfill request, without `dry_run`.
Json backfill_body(const BackfillAsked& asked);

}  // namespace mc::app
