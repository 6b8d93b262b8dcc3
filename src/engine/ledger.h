// ledger.h — what the engine reads of the past, and the batch of facts that it asks to have written.
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
    std::vector<std::string> removed_jobs;
    std::vector<Alert> alerts;               // insert or replace
    std::vector<RunId> cancelled_actions;    // their undelivered action notices, but for new ones, are not to be sent
    std::vector<Notice> notices;             // outbox
    std::optional<Instant> planned_through;  // every fire up to here has its row
    std::optional<Instant> coverage_told;    // of calendars that will end, people were told
    std::string operator_note;               // what a person asked for ("stop 17 by root"); "" when nobody did
    bool empty() const;
};

// What a new engine starts from.
struct Recovered {
    std::vector<Run> unfinished;  // in order of id
    std::vector<Run> owed;        // ended badly and told to nobody, with a deadline to come; in no order
    std::vector<Run> clearing;    // those that a clear under way will put back to waiting; also unfinished ones
    std::vector<JobRecord> jobs;
    std::vector<Alert> alerts;  // the open ones
    std::optional<Instant> planned_through;
    RunId last_run = 0;
    std::int64_t last_notice = 0;
    std::int64_t last_batch = 0;
    std::optional<Instant> coverage_told;  // when people were last told of calendars that will end
    std::string boot_id;                   // of the boot in which the ledger was last written; "" at first
    std::string ledger;                    // its name for ever, drawn at random; a restored copy has it too
};

// Whether an error is one of the ledger: it cannot be read or written now, or is damaged.
inline bool is_of_ledger(Error::Kind kind) { return kind == Error::Kind::store || kind == Error::Kind::damaged; }

// The questions the engine asks of the past. Answered from the same store that the batches go to;
// what was committed is seen. Error: is_of_ledger(); "there is none" is an answer, and no error.
class Ledger {
   public:
    virtual ~Ledger() = default;
    virtual Result<std::optional<Run>> by_key(std::string_view job, const FireKey& key) const = 0;
    virtual Result<std::optional<Run>> by_id(RunId id) const = 0;
    // The shared row that stands for several of the job's fires, that one among them.
    virtual Result<std::optional<Run>> spanning(std::string_view job, Instant fire) const = 0;
    virtual Result<std::optional<JobRecord>> record_of(std::string_view job) const = 0;
    // All runs of the job with that logical date, oldest fire first.
    virtual Result<std::vector<Run>> by_date(std::string_view job, Date logical_date) const = 0;
    // The run of the newest logical date strictly before, of those due up to `fire_before`; not one that a
    // person started without a date.
    virtual Result<std::optional<Run>> newest_before(std::string_view job, Date date, Instant fire_before) const = 0;
    // The job's runs of logical dates strictly after that one which ended as upstream_failed, however old; in order of
    // (logical date, fire, id).
    virtual Result<std::vector<Run>> upstream_failed_after(std::string_view job, Date date) const = 0;
};

}  // namespace mc
