// consequence.h — what a hold, ice, release, start, stop, rerun or mark means for the job and its downstream jobs: the
// sentences that an operator sees before the confirmation.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/plan.h"
#include "engine/ledger.h"
#include "engine/run.h"

namespace mc {

// For the job's next fire after `now` that has no run: when each direct downstream job would start without it ("b
// starts at 2026-11-20T16:15:00-05:00 without it"). Empty if there is no downstream job. Error: store.
Result<std::vector<std::string>> if_iced(const Plan& plan, const Job& job, const Ledger& ledger, Instant now);

// The downstream jobs, direct or indirect, that wait while the job waits; in order of their names.
std::vector<std::string> jobs_behind(const Plan& plan, const Job& job);

// Which downstream jobs wait while the job is held.
std::vector<std::string> if_held(const Plan& plan, const Job& job);

// For a run that starts again: the direct downstream runs that have ended and do not change, those that wait for it,
// and the downstream jobs, direct or indirect, that its failure blocked. `plan` has its job. Error: store.
Result<std::vector<std::string>> if_rerun(const Plan& plan, const Run& run, const Ledger& ledger, Instant now);

// For a start for that date, or without a date: which direct downstream jobs depend on its result.
std::vector<std::string> if_started(const Plan& plan, const Job& job, std::optional<Date> date);

// What happens on release to the job's `waiting` runs, and downstream.
std::vector<std::string> if_released(const Plan& plan, const Job& job, const JobRecord& record,
                                     const std::vector<Run>& waiting, Instant now);

// What the direct downstream runs in the ledger do once the run has ended in that state: "b ends as upstream_failed",
// "c has already ended as success and does not change". `plan` has its job. Error: store.
Result<std::vector<std::string>> if_ended(const Plan& plan, const Run& run, State state, const Ledger& ledger,
                                          Instant now);

}  // namespace mc
