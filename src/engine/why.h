// why.h — what happened or will happen to a job on a date, past or future, and why.
//
// Answers from the same schedule, predicate and ledger that the daemon goes by; asks for nothing that the
// ledger does not hold. One line for each fire of the logical date, and for each row that no fire of the
// present schedule explains; one line of state "none" when there is neither.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace mc {

struct WhyReason {
    std::string check;   // a question of `when`, a reason of SPEC 3's list, the run's state, "schedule", "when" or "trigger"
    bool holds = false;  // true: it speaks for the run
    std::string text;
};

struct WhyLine {
    std::string job;
    Date date;
    std::optional<Instant> fire;
    std::optional<RunId> run;
    std::string state;  // a State's text, or "none"
    std::vector<WhyReason> reasons;
};

// `job` is in the plan. Without a ledger (no daemon ever ran) every past fire has no row.
// Error: calendar, when the date lies beyond coverage.
Result<std::vector<WhyLine>> why(const Plan& plan, const std::string& job, Date date, const Ledger* ledger,
                                 Instant now);

}  // namespace mc
