// clear.h — which runs a clear puts back to waiting, and which of them must be stopped first.
//
// The same function answers the question before the clear, and the clear.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/past.h"

namespace mc {

struct ClearItem {
    Run run;
    bool asked = false;     // of the jobs and dates asked for; else it hangs on one of those
    bool is_reset = false;  // goes back to waiting
    std::string why;        // "running: is stopped first", "was success", "stands for 20 fires: left alone"
};

// All runs of the jobs for logical dates in [from, to], then what hangs on them, near and far: each run after one
// of them, by `after`, depends_on_past or a sensor on the job, that has not ended; with `downstream` those that
// have ended too. Runs that a person started without a date, rows for several fires, and what has ended of jobs
// that are disabled are left alone.
// Error: usage for a job that is not in the plan or dates the wrong way round, or too many runs.
Result<std::vector<ClearItem>> plan_clear(const Plan& plan, Past& past, const ClearAsked& asked);
// Error also: store.
inline Result<std::vector<ClearItem>> plan_clear(const Plan& plan, const Ledger& ledger, const ClearAsked& asked) {
    return asking(ledger, [&](Past& past) { return plan_clear(plan, past, asked); });
}

}  // namespace mc
