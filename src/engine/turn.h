// turn.h — which runs of one job must not run at the same time.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "engine/run_book.h"

namespace mc {

// Whether the run is live or was started by hand; false: it is caught up or backfilled.
bool by_hand_or_live(const Run& run);

// Whether the other run of the same job must end before this run starts. For a live run, `overlap` applies to other
// live runs. Caught-up and backfilled runs wait for any run of the job, and never make a live run wait.
bool must_end_first(const Run& other, const Run& run);

// The runs that have started, by job: thousands may wait for a few.
class StartedRuns {
   public:
    void add(const Run& run);
    // A run that must end before this run starts; null: none.
    const Run* blocking(const Run& run) const;

   private:
    std::map<std::string_view, std::vector<const Run*>> by_job_;
};

}  // namespace mc
