// forecast.h — the future fires of a job that will get a run: next_planned() without the fires that already have one.
//
// A fire already has a run if an operator ran its session early, or if it ran before an override moved it. For a job
// without a schedule, a run that still waits counts as a future fire.
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

// Whether the fire already has a run.
bool has_run(const Job& job, const Fire& fire, Past& past);

// How far ahead to search if the answer is needed at once. For a job with a schedule the search is cheap, and the next
// 29 February may be eight years away.
inline Seconds far_ahead(const Job& job) {
    constexpr Seconds by_schedule{40LL * 366 * 86400}, by_others{800LL * 86400};
    return job.has_schedule() ? by_schedule : by_others;
}

}  // namespace mc
