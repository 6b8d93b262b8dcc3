// why.h — what happened or will happen to a job on a date, past or future, and why.
//
// It uses the same schedule, predicates and ledger as the daemon, and needs nothing else. There is one line for each
// fire of the logical date, and one for each row that does not belong to a fire of the present schedule. If there is
// neither, there is one line with state "none".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace mc {

struct WhyReason {
    // A predicate of `when`, the text of a Reason, the run's state, or the part of the configuration that the text is
    // about: "schedule", "when", "trigger", "not_after", "deadline".
    std::string check;
    bool holds = false;  // true: it is a reason for the run to start
    std::string text;
    BoxedOptional<ReasonData> data{};  // its facts, if it has any
};

struct WhyLine {
    std::string job;  // as users see it: its title, else its name
    Date date;
    std::optional<Instant> fire;
    std::optional<RunId> run;
    std::string state;  // a State's text, or "none"
    std::vector<WhyReason> reasons;
};

// `job` is in the plan. Without a ledger (no daemon ever ran) every past fire has no row.
// Error: calendar, if the date is outside the coverage; refused, if there would be more than `lines_max` lines.
Result<std::vector<WhyLine>> why(const Plan& plan, const JobName& job, Date date, const Ledger* ledger, Instant now,
                                 std::size_t lines_max = SIZE_MAX);

// The same for a job that is no longer in the configuration, from its rows only; empty if the ledger has no row of it.
Result<std::vector<WhyLine>> why_gone(const JobName& job, Date date, const Ledger& ledger, const Zone& zone,
                                      std::size_t lines_max = SIZE_MAX);

}  // namespace mc
