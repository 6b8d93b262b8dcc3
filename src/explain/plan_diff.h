// plan_diff.h — which fires change when one plan replaces another: `diff`, `calendar diff`.
//
// The daemon's own planner gives the fires of both plans, job by job, as streams. A disabled job has no fires. A job
// without a schedule has the fires that its upstream jobs create, if its `when` is true.
// A fire is
//
//   moved     the same run at another instant, or for another date; or the only fire of its
//             logical date in both plans
//   added     in the new plan only
//   dropped   in the old plan only; also a fire that would move into the past, because loading a
//             configuration never creates past fires
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
    const Ledger* ledger = nullptr;  // fires that already have a run are left out; not used if `from` is given
};

enum class Change { added, dropped, moved };
std::string_view to_text(Change change);

struct FireChange {
    Change change = Change::added;
    const Job* before = nullptr;   // the job in the old plan, or null
    const Job* after = nullptr;    // the job in the new plan, or null
    std::optional<Fire> old_fire;  // unless added
    std::optional<Fire> fire;      // unless dropped

    // The job in the new plan, or else in the old one.
    const Job& job() const { return after ? *after : *before; }
    // The new fire, or else the old one.
    const Fire& shown() const { return fire ? *fire : *old_fire; }
};

// Error: usage, if `from` is after `to`, or `to` is in the past.
Result<void> in_order(const PlanDiffAsked& asked);
// The last date that is compared: `to`, or the end of the default range.
Date last_date(const PlanDiffAsked& asked);

// Calls `tell` with each change, job by job in order of their names, roughly in order of time. Error: as next_fires();
// store.
Result<void> diff_plans(const Plan& before, const Plan& after, const PlanDiffAsked& asked,
                        const std::function<void(const FireChange&)>& tell);

// "SHORT covers dates up to 2026-12-31", for each calendar of the jobs whose coverage ends or begins within the range.
std::vector<std::string> horizons(const Plan& before, const Plan& after, const PlanDiffAsked& asked);

}  // namespace mc
