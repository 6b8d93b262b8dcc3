// upstream.h — the state of a run's upstream jobs, and the decision of its trigger.
//
// The daemon, `why` and `backfill` use the same functions. They read the ledger each time, because a rerun, a mark or a
// backfill changes the answers.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "config/plan.h"
#include "engine/past.h"
#include "engine/planned_days.h"
#include "reason/words.h"

namespace mc {

// Fires up to `planned_through` have their rows; later fires are in the future.
struct History {
    const Plan& plan;
    Past& past;
    Instant planned_through;
    PlannedDays* days = nullptr;  // of that plan; null: nothing is kept
};

// The state of the upstream job for the date (with "@previous": for its newest date strictly before). It is pending
// until all its runs for that date have ended; then the run with the latest fire decides.
UpstreamStatus status_of(const Upstream& upstream, Date date, const History& history);

// The state of the job's own newest earlier date, for depends_on_past: success only if all its runs have succeeded or
// were skipped, for another reason than overlap.
UpstreamStatus status_of_past(const Job& job, Date date, const History& history);

enum class TriggerVerdict { start, wait, skip, upstream_failed };
// Airflow's trigger rules. The one_ rules and always do not wait for all upstream jobs; the other rules do.
TriggerVerdict judge(Trigger trigger, std::span<const UpstreamStatus> upstreams);
// Those of the upstream jobs that decided for that verdict, skip or upstream_failed: they kept the rule from being met.
std::vector<UpstreamStatus> deciding(TriggerVerdict verdict, Trigger trigger,
                                     std::span<const UpstreamStatus> upstreams);

// The rows that cover several fires of a job; keeps the last row, for questions about consecutive fires.
class SharedRows {
   public:
    SharedRows(JobName job, Past& past) : job_(std::move(job)), past_(past) {}
    // The row that covers the fire, valid until the next call; null if there is none.
    const Run* of(Instant fire);

   private:
    JobName job_;
    Past& past_;
    std::optional<Run> last_;
};

// False for a run that was started by hand without a date: no other run depends on it.
bool seen_by_others(const Run& run);

}  // namespace mc
