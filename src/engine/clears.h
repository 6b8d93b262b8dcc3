// clears.h — clears under way: runs that wait until what is told to stop has ended, and are reset together then.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "engine/clear.h"
#include "engine/gates.h"

namespace mc {

class Clears {
   public:
    // `clearing` are the rows of clears that were under way.
    Clears(const std::vector<Run>& clearing, Step& step, const Definitions& jobs, RunBook& book, Past& past,
           Gates& gates, Endings& endings, SensorWatch& sensors);
    void asked(const ClearAsked& asked);
    // Once nothing of a clear runs any more, all of it waits again, in one transaction.
    void finish();
    // The run is not to be reset any more: it is told to stop. A running one is still waited for.
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
