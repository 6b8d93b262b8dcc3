// backfill.h — which past fires a backfill runs, and why it does not run the others.
//
// `backfill --dry-run`, the confirmation before a backfill, and the backfill call the same function.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/past.h"

namespace mc {

struct BackfillItem {
    JobName job;
    Fire fire;                  // without jitter
    std::optional<Run> before;  // its row, if it has one
    bool chosen = false;
    // The reason for which the fire is recorded as skipped: latest_only (a newer date is due) or when_false. none: it
    // is not recorded as skipped.
    Reason skipped = Reason::none;
    BoxedOptional<ReasonData> facts{};  // of that reason
    std::string why;  // "has no row", "was missed", "is already running as run 7", "is not due yet", ...
};

// One item for each job and each fire with a logical date in [from, to], oldest first. With Upstreams::run also the
// fires without a row of all upstream jobs, direct or indirect. Error: usage, for an unknown job or if `to` is before
// `from`; calendar, for dates that the calendar does not cover; refused, naming an upstream job that has a fire but no
// row.
Result<std::vector<BackfillItem>> plan_backfill(const Plan& plan, Past& past, const BackfillAsked& asked, Instant now);
// Error also: store.
inline Result<std::vector<BackfillItem>> plan_backfill(const Plan& plan, const Ledger& ledger,
                                                       const BackfillAsked& asked, Instant now) {
    return asking(ledger, [&](Past& past) { return plan_backfill(plan, past, asked, now); });
}

}  // namespace mc
