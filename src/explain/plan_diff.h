// plan_diff.h — what becomes of the fires when one plan takes another's place: `diff`, `calendar diff`.
//
// Both plans are asked by the daemon's own planner, job by job, as streams. A disabled job has no fires; one without
// a schedule has those that the jobs before it give it, where its `when` holds.
// A fire is
//
//   moved     the same run at another instant, or for another date; or the only fire of its
//             logical date in both plans
//   added     in the new plan only
//   dropped   in the old plan only; also one that would be moved to an instant that has passed, for
//             loading a file never creates past fires
#pragma once

#include <functional>
#include <string_view>

#include "config/plan.h"
#include "engine/ledger.h"

namespace mc {

struct PlanDiffAsked {
    Instant now;
    std::optional<Date> from, to;    // logical dates, inclusive; absent: after now, and for 400 days
    bool same_calendars = false;     // both plans were read with one set of calendars: equal jobs fire alike
    const Ledger* ledger = nullptr;  // a fire that has had its run is none to come; not asked where `from` is given
};

enum class Change { added, dropped, moved };
std::string_view to_text(Change change);

struct FireChange {
    Change change = Change::added;
    const Job* before = nullptr;  // the job in each plan; one may be missing
    const Job* after = nullptr;
    std::optional<Fire> old_fire;  // unless added
    std::optional<Fire> fire;      // unless dropped

    // In the newer plan that knows it.
    const Job& job() const { return after ? *after : *before; }
    // The fire that is, or was.
    const Fire& shown() const { return fire ? *fire : *old_fire; }
};

// Error: usage; from is after to, or to has passed.
Result<void> in_order(const PlanDiffAsked& asked);
// The last date that is compared, where asked, or else by which it ends.
Date last_date(const PlanDiffAsked& asked);

// Tells of each change, job by job in order of their names, in about the order of time. Error: that of next_fires; store.
Result<void> diff_plans(const Plan& before, const Plan& after, const PlanDiffAsked& asked,
                        const std::function<void(const FireChange&)>& tell);

// "SHORT is known to 2026-12-31", for each calendar of the jobs that ends, or begins, within what is asked.
std::vector<std::string> horizons(const Plan& before, const Plan& after, const PlanDiffAsked& asked);

}  // namespace mc
