// clear.h — which runs a clear resets to waiting, and which of them must be stopped first.
//
// The confirmation before a clear and the clear call the same function.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/past.h"

namespace mc {

struct ClearItem {
    Run run;
    bool asked = false;     // of the requested jobs and dates; false: downstream of such a run
    bool is_reset = false;  // is reset to waiting
    std::string why;        // "is running: it is stopped first", "was success", "covers 20 fires: not cleared; ..."
};

// All runs of the jobs for logical dates in [from, to], and their downstream runs, direct or indirect: runs that depend
// on them by `after`, depends_on_past or a sensor on the job, and have not ended; with `downstream` also those that
// have ended. Not cleared: runs that were started by hand without a date, rows that cover several fires, and ended runs
// of disabled jobs. Error: usage, for an unknown job, if `to` is before `from`, or for too many runs.
Result<std::vector<ClearItem>> plan_clear(const Plan& plan, Past& past, const ClearAsked& asked);
// Error also: store.
inline Result<std::vector<ClearItem>> plan_clear(const Plan& plan, const Ledger& ledger, const ClearAsked& asked) {
    return asking(ledger, [&](Past& past) { return plan_clear(plan, past, asked); });
}

}  // namespace mc
