// found.cpp — runs that the ledger lacks but whose attempts have files: they become rows again, so that no run starts a
// second time after the ledger was restored.
#include "engine/planner.h"

namespace mc {

void Planner::take_found(const std::vector<FoundRun>& found) {
    std::vector<RunId> fresh;
    for (const FoundRun& one : found) {
        if (const auto row = past_.by_id(one.run.id)) {  // the ledger has the run, with an earlier attempt
            const Run* at_hand = book_.find(one.run.id);
            book_.adopt(at_hand ? *at_hand : *row, one.run);
        } else {
            fresh.push_back(book_.insert_found(one.run).id);
        }
        book_.know_batch(one.run.batch);
        step_.batch.attempts.insert(step_.batch.attempts.end(), one.attempts.begin(), one.attempts.end());
    }
    // Dependent jobs whose attempts have files have their rows now; the others get runs as if the fire had just come.
    for (const RunId id : fresh) {
        const Run& run = book_.at(id);
        if (run.origin == Origin::live || run.origin == Origin::catch_up) create_dependent_runs(run);
    }
}

}  // namespace mc
