// forecast.h — the fires of a job that will still get a run: next_planned(), asked of the ledger too.
//
// A fire whose identity has a run already does not come: a session that was run ahead of its time, or one that ran
// before an override moved it. Without a schedule a run that still waits is to come.
#pragma once

#include "config/plan.h"
#include "engine/past.h"

namespace mc {

// The fires at the earliest instant strictly after `after`, at most `ahead` later. `horizon` as in next_planned().
Result<std::vector<Fire>> next_to_come(const Job& job, const Plan& plan, Past& past, Instant after, Seconds ahead,
                                       std::optional<Date>* horizon = nullptr);
// Error also: store.
inline Result<std::vector<Fire>> next_to_come(const Job& job, const Plan& plan, const Ledger& ledger, Instant after,
                                              Seconds ahead, std::optional<Date>* horizon = nullptr) {
    return asking(ledger, [&](Past& past) { return next_to_come(job, plan, past, after, ahead, horizon); });
}

// Whether the fire has had its run.
bool has_run(const Job& job, const Fire& fire, Past& past);

// How far ahead it is looked for where an answer is to be had at once. By a schedule that is cheap, and 29 February may
// be eight years away.
inline Seconds far_ahead(const Job& job) {
    constexpr Seconds by_schedule{40LL * 366 * 86400}, by_others{800LL * 86400};
    return job.has_schedule() ? by_schedule : by_others;
}

}  // namespace mc
