// consequence.h — what it means, for a job and downstream, when it is held, iced, released, started or stopped: the
// sentences that a person is shown before.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/plan.h"
#include "engine/ledger.h"
#include "engine/run.h"

namespace mc {

// Of its next fire after `now` that has had no run: when each job right after it would start without it ("b starts at
// 2026-11-20T16:15:00-05:00 without it"). Empty when nothing is after it. Error: store.
Result<std::vector<std::string>> if_iced(const Plan& plan, const Job& job, const Ledger& ledger, Instant now);

// The jobs after it, near and far, that wait as long as it does; in order of their names.
std::vector<std::string> jobs_behind(const Plan& plan, const Job& job);

// Who waits for it then, near and far.
std::vector<std::string> if_held(const Plan& plan, const Job& job);

// Of a run that starts again: those right after it that stay as they ended, those that wait for it, and, near and far,
// those that its failure kept from running. `plan` has its job. Error: store.
Result<std::vector<std::string>> if_rerun(const Plan& plan, const Run& run, const Ledger& ledger, Instant now);

// Of a run started for that date, or of one without any: which jobs right after it go by its end.
std::vector<std::string> if_started(const Plan& plan, const Job& job, std::optional<Date> date);

// What becomes of its open runs that waited for it, and downstream.
std::vector<std::string> if_released(const Plan& plan, const Job& job, const JobRecord& record,
                                     const std::vector<Run>& waiting, Instant now);

// What the runs right after it do once it has ended so, by what the ledger has of them: "b ends as upstream_failed",
// "c has ended as success, and stays so". `plan` has its job. Error: store.
Result<std::vector<std::string>> if_ended(const Plan& plan, const Run& run, State state, const Ledger& ledger,
                                          Instant now);

}  // namespace mc
