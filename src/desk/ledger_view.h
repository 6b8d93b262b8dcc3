// ledger_view.h — what commands ask about runs and fires, with one answer from two places: the ledger's and the plan's
// files, or the daemon's socket, for users who may not read the files.
//
// Runs, fires and alerts have the job's title, as people see it; a job is asked for by its name or its title.
//
// Errors   of the files: store, usage for what does not exist. Of the daemon: as ask_daemon() (client.h). Both say so alike
//          of a run that does not exist. Of a job without rows that is not in the file only the files say so.
// Bounds   none; the daemon's pages are asked for one after the other.
// Ownership the LoadedConfig outlives the view.
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

// The next fires as coming_json() has them, and why there are no more: "XNYS is known to 2050-12-31".
struct ComingFires {
    std::vector<Json> fires;
    std::vector<std::string> horizons;  // the daemon gives none
};

// A piece of what an attempt printed, masked.
struct LogPiece {
    Run run;
    std::string text;        // from the offset on
    std::uint64_t next = 0;  // where to go on
    bool over = false;       // nothing more will come
    bool more = false;       // it was only looked for so far: ask again
    bool hidden = false;     // it cannot be masked: `text` says why; the files give an error instead
    bool shortened = false;  // at the attempt's end; the offset lies behind what is left
};

// The file of what an attempt printed.
struct OutputState {
    enum class Missing {
        no,
        expired,  // it is older than keep_output
        lost,
    };
    AttemptName attempt;
    OutputCheck check;
    Missing missing = Missing::no;  // the daemon only says no
};

class LedgerView {
   public:
    virtual ~LedgerView() = default;

    // Newest fire first.
    virtual Result<std::vector<Run>> runs(const RunFilter& filter) = 0;
    // The states of these runs and perhaps of others, without those that the ledger has no more; `of`: the backfill that
    // made them.
    virtual Result<std::map<RunId, State>> states(const std::vector<RunId>& runs, const BackfillAsked& of) = 0;
    // As explain/why.h; without a date for today by the job's clock.
    virtual Result<std::vector<WhyLine>> why(const std::string& job, std::optional<Date> date) = 0;
    // As alerts_json().
    virtual Result<std::vector<Json>> alerts(AlertsAsked which) = 0;
    // The first n of these jobs, or of all, earliest first: strictly after `from`, or now. Only the files know of another
    // time than now.
    virtual Result<ComingFires> next(const std::vector<std::string>& jobs, std::size_t n,
                                     std::optional<Instant> from = {}) = 0;
    // What a backfill would do, as `backfill --dry-run --json` prints it.
    virtual Result<std::vector<Json>> would_backfill(const BackfillAsked& asked) = 0;
    // Of that attempt; 0: the latest. The daemon gives a megabyte at most.
    virtual Result<LogPiece> log(RunId run, int attempt, std::uint64_t offset) = 0;
    virtual Result<OutputState> output(RunId run, int attempt) = 0;
};

std::unique_ptr<LedgerView> view_of_files(const LoadedConfig& opened);
std::unique_ptr<LedgerView> view_of_daemon(const LoadedConfig& opened);

// What a question needs to be answered from files: the ledger, or the plan too.
enum class Needs { ledger, plan };
// The files' where they can be read, else the daemon's.
std::unique_ptr<LedgerView> ledger_view(const LoadedConfig& opened, Needs needs = Needs::ledger);

// The body of the request for a backfill, without `dry_run`.
Json backfill_body(const BackfillAsked& asked);

}  // namespace mc::app
