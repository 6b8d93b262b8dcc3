// upstream.h — how the jobs before a run have ended, or what of them is still to come, and what the run's
// trigger makes of it.
//
// The same answers serve the daemon, `why` and `backfill`. They are read from the ledger each time: a rerun,
// a mark or a backfill changes them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "config/plan.h"
#include "engine/past.h"
#include "engine/planned_days.h"
#include "reason/words.h"

namespace mc {

// Fires up to `planned_through` have their rows; later ones are to come.
struct History {
    const Plan& plan;
    Past& past;
    Instant planned_through;
    PlannedDays* days = nullptr;  // of that plan; null: nothing is kept
};

// All runs of the upstream for the date (or for its newest date strictly before it), judged by the one with
// the latest fire; pending until all have ended.
UpstreamStatus status_of(const Upstream& upstream, Date date, const History& history);

// The job's own newest earlier date, as depends_on_past wants it: success only when all its runs have
// succeeded or were skipped, but not for overlap.
UpstreamStatus status_of_past(const Job& job, Date date, const History& history);

enum class TriggerVerdict { start, wait, skip, upstream_failed };
// Airflow's rules. The one_ rules and always do not wait for all; the others do.
TriggerVerdict judge(Trigger trigger, std::span<const UpstreamStatus> upstreams);

// The rows that stand for several of a job's fires, asked for one fire after the other.
class SharedRows {
   public:
    SharedRows(std::string job, Past& past) : job_(std::move(job)), past_(past) {}
    // The one that the fire lies in, until the next question; null when there is none.
    const Run* of(Instant fire);

   private:
    std::string job_;
    Past& past_;
    std::optional<Run> last_;
};

// A run that a person started without a date is nobody's upstream.
bool seen_by_others(const Run& run);

}  // namespace mc
