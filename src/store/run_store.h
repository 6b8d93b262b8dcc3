// run_store.h — the interface of a stored ledger.
//
// commit() is one transaction, on disk when it returns (synchronous=FULL). Errors are of kind store and
// say what to do: locked, read-only, full, corrupt, from a newer version.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/ledger.h"

namespace mc {

// `runs`: newest fire first.
struct RunFilter {
    std::vector<std::string> jobs{};  // empty: all
    // Logical dates, inclusive. A shared row is of all dates from its own to that of its last fire, which is
    // known to the day anywhere on earth only: one that ended the day before `from` may be among them.
    std::optional<Date> from{}, to{};
    std::optional<State> state{};
    // Only what comes after that run in this order: the next page.
    std::optional<std::pair<Instant, RunId>> before{};  // its fire and number
    std::size_t limit = SIZE_MAX;
};

// The day of the instant where it is latest, at UTC+14.
inline Date latest_date(Instant t) { return Date{date::floor<date::days>(t + Seconds{14 * 3600}).time_since_epoch()}; }

// What an attempt printed, put away. sha256 "": there was nothing.
struct OutputSeal {
    std::string sha256;  // 64 letters
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
    // Of the runs with those numbers, both inclusive, how many attempts each has begun.
    virtual Result<std::map<RunId, int>> begun(RunId from, RunId to) const = 0;
    // Absent: it is still to be put away, or there is no such attempt.
    virtual Result<std::optional<OutputSeal>> output_seal(AttemptName attempt) const = 0;
    // Those that have ended and whose output is still to be put away, oldest first.
    virtual Result<std::vector<AttemptName>> unsealed(std::size_t limit) const = 0;
    virtual Result<void> keep_seal(AttemptName attempt, const OutputSeal& seal) = 0;
    // Oldest first.
    virtual Result<std::vector<Alert>> alerts(AlertsAsked asked) const = 0;

    virtual Result<void> remember_boot(std::string_view boot_id) = 0;
    // Deletes finished runs (and their attempts, closed alerts and delivered notices) whose fire and whose end are
    // older, but for those of an open alert or a clear under way; returns their ids, for the shell to remove their
    // output. At most `limit` at a time.
    virtual Result<std::vector<RunId>> prune(Instant older_than, std::size_t limit) = 0;
};

}  // namespace mc
