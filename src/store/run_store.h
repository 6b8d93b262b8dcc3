// run_store.h — the ledger and the outbox, kept. Two bodies pass one suite: SQLite for the daemon and
// the commands, memory for the simulator and tests.
//
// commit() is one transaction, on disk when it returns (synchronous=FULL). Errors are of kind store and
// say what to do: locked, read-only, full, corrupt, from a newer version.
#pragma once

#include <map>
#include <memory>
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

// A message on its way.
struct OutboxRow {
    Notice notice;
    int tries = 0;
    std::optional<Instant> next_try;  // absent: at once
    std::string last_error;
};

// The message by which a bot told a Slack target of an alert, and what it said.
struct SlackThread {
    std::string target;  // "slack:ops"
    RunId alert = 0;
    std::string channel, ts;  // how Slack knows it
    std::string body;         // JSON
    std::string configured;   // the channel as the file named it then; "" = not known
    bool operator==(const SlackThread&) const = default;
};

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

class RunStore : public Ledger {
   public:
    virtual Result<void> commit(const Batch& batch) = 0;
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
    // Oldest first; the open ones, or all that the ledger still has.
    virtual Result<std::vector<Alert>> alerts(bool closed_too) const = 0;

    // ---- outbox: rows not yet delivered, oldest first (by id)
    virtual Result<std::vector<OutboxRow>> pending(std::size_t limit) const = 0;
    virtual Result<void> delivered(const std::vector<std::int64_t>& ids, Instant at) = 0;
    virtual Result<void> try_later(const std::vector<std::int64_t>& ids, Instant when, std::string_view error) = 0;
    virtual Result<void> given_up(const std::vector<std::int64_t>& ids, Instant at, std::string_view error) = 0;

    // ---- a bot's messages; a thread goes with its alert's run
    virtual Result<std::optional<SlackThread>> thread(std::string_view target, RunId alert) const = 0;
    // Those whose alert has closed, when no message of its job waits that could still say so.
    virtual Result<std::vector<std::pair<SlackThread, Alert>>> closed_threads() const = 0;
    virtual Result<void> keep_thread(const SlackThread& thread) = 0;  // in place of an older one
    virtual Result<void> drop_thread(std::string_view target, RunId alert) = 0;

    virtual Result<void> remember_boot(std::string_view boot_id) = 0;
    // Deletes finished runs (and their attempts, closed alerts and delivered notices) whose fire and whose end are
    // older, but for those of an open alert or a clear under way; returns their ids, for the shell to remove their output.
    // At most `limit` at a time.
    virtual Result<std::vector<RunId>> prune(Instant older_than, std::size_t limit) = 0;
};

std::unique_ptr<RunStore> make_memory_store();

enum class OpenMode { read_only, read_write };
// Opens (and for read_write creates, or migrates) DIR/ledger.db. Error: store.
Result<std::unique_ptr<RunStore>> open_sqlite_store(const std::string& path, OpenMode mode);

}  // namespace mc
