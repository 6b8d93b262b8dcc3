// backfill.h — which past fires a backfill would run, and why it leaves the others alone.
//
// The same function answers `backfill --dry-run`, the question before the backfill, and the backfill.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/past.h"

namespace mc {

struct BackfillItem {
    std::string job;
    Fire fire;                  // without jitter
    std::optional<Run> before;  // its row, if it has one
    bool chosen = false;
    // Recorded as skipped, for this reason: latest_only, when a newer date is due; when_false. none: it is not.
    Reason skipped = Reason::none;
    std::string why;  // "no row", "was missed", "is success already", "is not due yet", ...
};

// For each job and each fire with a logical date in [from, to], oldest first; with Upstreams::run also the fires
// without a row of the jobs before them, near and far. Error: usage for a job that is not in the plan or dates the
// wrong way round; calendar, where the calendar does not reach; refused, naming an upstream that has a fire but
// no row.
Result<std::vector<BackfillItem>> plan_backfill(const Plan& plan, Past& past, const BackfillAsked& asked, Instant now);
// Error also: store.
inline Result<std::vector<BackfillItem>> plan_backfill(const Plan& plan, const Ledger& ledger,
                                                       const BackfillAsked& asked, Instant now) {
    return asking(ledger, [&](Past& past) { return plan_backfill(plan, past, asked, now); });
}

}  // namespace mc
