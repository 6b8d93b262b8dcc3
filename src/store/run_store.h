// run_store.h — the interface of a stored ledger.
//
// commit() is one transaction, and is on disk when it returns. Errors are of kind store (locked, read-only, full, from
// a newer version) or damaged, and say what to do.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/ledger.h"

namespace mc {

// `runs`: newest fire first.
struct RunFilter {
    std::vector<JobName> jobs{};  // empty: all
    // Logical dates, inclusive. A shared row counts for all dates from its own to latest_date() of its last fire. That
    // may be one day too late, so a row whose last fire was on the day before `from` may be included.
    std::optional<Date> from{}, to{};
    std::optional<State> state{};
    // Only the runs after this one in that order, for the next page: its fire and its id.
    std::optional<std::pair<Instant, RunId>> before{};
    std::size_t limit = SIZE_MAX;
};

// The latest date that any time zone has at the instant: the date at UTC+14.
inline Date latest_date(Instant t) { return Date{date::floor<date::days>(t + Seconds{14 * 3600}).time_since_epoch()}; }

// The seal of an attempt's output (exec/output_seal.h). sha256 "": there was no output.
struct OutputSeal {
    std::string sha256;  // 64 hex digits
    std::int64_t bytes = 0;
    bool operator==(const OutputSeal&) const = default;
};
struct AttemptName {
    RunId run = 0;
    int number = 0;
    auto operator<=>(const AttemptName&) const = default;
};

// The open alerts, or all that the ledger still has.
enum class AlertsAsked { open, all };

class RunStore : public Ledger {
   public:
    virtual Result<void> commit(const StepWrites& batch) = 0;
    virtual Result<Recovered> recover() const = 0;
    virtual Result<std::vector<Run>> runs(const RunFilter& filter) const = 0;
    virtual Result<std::vector<Attempt>> attempts(RunId run) const = 0;
    // By run, for the ids from `from` to `to`, both inclusive: the number of its latest attempt; 0: none.
    virtual Result<std::map<RunId, int>> begun(RunId from, RunId to) const = 0;
    // Absent: the output is not sealed yet, or there is no such attempt.
    virtual Result<std::optional<OutputSeal>> output_seal(AttemptName attempt) const = 0;
    // The attempts that have ended and whose output is not sealed yet, oldest first.
    virtual Result<std::vector<AttemptName>> unsealed(std::size_t limit) const = 0;
    virtual Result<void> keep_seal(AttemptName attempt, const OutputSeal& seal) = 0;
    // Oldest first.
    virtual Result<std::vector<Alert>> alerts(AlertsAsked asked) const = 0;

    virtual Result<void> remember_boot(std::string_view boot_id) = 0;
    // Deletes at most `limit` finished runs whose fire and end are before `older_than`, with their attempts, closed
    // alerts and delivered messages; not the run of an open alert or of a clear in progress. Returns their ids, so that
    // the shell can remove their output.
    virtual Result<std::vector<RunId>> prune(Instant older_than, std::size_t limit) = 0;
};

}  // namespace mc
