// ledger.h — the questions that the engine asks about the past, and the batch of facts that a step writes.
//
// A StepWrites is written in one transaction, before any process of the same step is started.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/run.h"

namespace mc {

struct StepWrites {
    std::vector<Run> inserted;      // (job, key) must be new
    std::vector<Run> updated;       // by id
    std::vector<Attempt> attempts;  // insert or replace
    std::vector<JobRecord> jobs;    // insert or replace
    std::vector<JobName> removed_jobs;
    std::vector<Alert> alerts;               // insert or replace
    std::vector<RunId> cancelled_actions;    // their undelivered action notices are not sent, except those in `notices`
    std::vector<Notice> notices;             // outbox
    std::optional<Instant> planned_through;  // every fire up to here has its row
    std::optional<Instant> coverage_told;    // when the warnings about ending calendars were sent
    std::string operator_note;               // an operator's action: "stop 17 by root"; "": none
    bool empty() const;
};

// The state of the ledger from which a new engine starts.
struct Recovered {
    std::vector<Run> unfinished;  // in order of id
    std::vector<Run> owed;        // failed, without a notification so far; checked again at the deadline; in no order
    std::vector<Run> clearing;    // that a clear in progress will reset to waiting; also unfinished ones
    std::vector<JobRecord> jobs;
    std::vector<Alert> alerts;  // the open ones
    std::optional<Instant> planned_through;
    RunId last_run = 0;
    std::int64_t last_notice = 0;
    std::int64_t last_batch = 0;
    std::optional<Instant> coverage_told;  // when the last warnings about ending calendars were sent
    std::string boot_id;                   // of the boot in which the ledger was last written; "" at first
    std::string ledger;                    // its permanent random name; a restored copy has the same name
};

// Whether an error is one of the ledger: it cannot be read or written now, or is damaged.
inline bool is_of_ledger(Error::Kind kind) { return kind == Error::Kind::store || kind == Error::Kind::damaged; }

// The questions about the past. They are answered from the store that the batches are written to, and see every
// committed batch. Error: is_of_ledger(). An empty answer ("there is none") is not an error.
class Ledger {
   public:
    virtual ~Ledger() = default;
    virtual Result<std::optional<Run>> by_key(const JobName& job, const FireKey& key) const = 0;
    virtual Result<std::optional<Run>> by_id(RunId id) const = 0;
    // The row that covers several of the job's fires, including that one.
    virtual Result<std::optional<Run>> spanning(const JobName& job, Instant fire) const = 0;
    virtual Result<std::optional<JobRecord>> record_of(const JobName& job) const = 0;
    // All runs of the job with that logical date, oldest fire first.
    virtual Result<std::vector<Run>> by_date(const JobName& job, Date logical_date) const = 0;
    // The run of the newest logical date strictly before `date`, among runs due up to `fire_before`; never a run that
    // was started by hand without a date.
    virtual Result<std::optional<Run>> newest_before(const JobName& job, Date date, Instant fire_before) const = 0;
    // The job's runs of logical dates strictly after `date` that ended as upstream_failed, without a limit of age; in
    // order of (logical date, fire, id).
    virtual Result<std::vector<Run>> upstream_failed_after(const JobName& job, Date date) const = 0;
};

}  // namespace mc
