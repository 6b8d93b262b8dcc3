// clears.h — clears in progress: once the runs that a clear stops have ended, all its runs are reset together.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "engine/clear.h"
#include "engine/gates.h"

namespace mc {

class Clears {
   public:
    // `clearing` are the rows of clears that were in progress.
    Clears(const std::vector<Run>& clearing, Step& step, const Definitions& jobs, RunBook& book, Past& past,
           Gates& gates, Endings& endings, SensorWatch& sensors);
    void asked(const ClearAsked& asked);
    // Resets all runs of each clear that has no running run left, in one transaction.
    void finish();
    // The run is stopped by hand: it is not reset any more. If it is running, the clear still waits for its end.
    void leave(const Run& run);

   private:
    std::vector<RunId> set_aside(const std::vector<ClearItem>& items, std::int64_t number);
    bool still_runs(const std::set<RunId>& ids) const;
    void finish(RunId id);
    std::string reply_text(std::size_t count, const std::vector<RunId>& running) const;

    Step& step_;
    const Definitions& jobs_;
    RunBook& book_;
    Past& past_;
    Gates& gates_;
    Endings& endings_;
    SensorWatch& sensors_;
    std::map<std::int64_t, std::set<RunId>> under_way_;
};

}  // namespace mc
