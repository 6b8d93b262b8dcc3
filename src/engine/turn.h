// turn.h — which runs of one job must not run at the same time.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "engine/run_book.h"

namespace mc {

// Of a schedule, now, or by hand; not caught up or backfilled.
bool by_hand_or_live(const Run& run);

// Whether the other run of the same job must end before this one starts. A live run waits for (or is skipped, or
// kills) live ones; caught-up and backfilled ones wait for any, and never make a live one wait.
bool must_end_first(const Run& other, const Run& run);

// The runs that have started, by job: thousands may wait for a few.
class StartedRuns {
   public:
    void add(const Run& run);
    // One of them that must end before this run starts; null: none.
    const Run* blocking(const Run& run) const;

   private:
    std::map<std::string_view, std::vector<const Run*>> by_job_;
};

}  // namespace mc
