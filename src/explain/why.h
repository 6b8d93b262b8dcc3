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
    // A question of `when`, a reason of the closed list, the run's state, or what of the file it comes from: "schedule",
    // "when", "trigger", "not_after", "deadline".
    std::string check;
    bool holds = false;  // true: it speaks for the run
    std::string text;
    BoxedOptional<ReasonData> data{};  // its facts, where it has any
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
// Error: calendar, when the date lies beyond coverage; refused, when there would be more than `lines_max` lines.
Result<std::vector<WhyLine>> why(const Plan& plan, const std::string& job, Date date, const Ledger* ledger, Instant now,
                                 std::size_t lines_max = SIZE_MAX);

// The same of a job that is not in the file now, from its rows alone; empty when the ledger never had one of it.
Result<std::vector<WhyLine>> why_gone(const std::string& job, Date date, const Ledger& ledger, const Zone& zone,
                                      std::size_t lines_max = SIZE_MAX);

}  // namespace mc
