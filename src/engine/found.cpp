// found.cpp — runs that the ledger lacks but whose attempts have files: they become its rows again, so that nothing
// runs twice after the ledger was restored.
#include "engine/body.h"

namespace mc {

void Engine::Body::take_found(const std::vector<FoundRun>& found) {
    std::vector<RunId> fresh;
    for (const FoundRun& one : found) {
        if (ledger.by_id(one.run.id)) {
            resume(one.run);
        } else {
            const RunId last = std::max(last_run, one.run.id);
            last_run = one.run.id - 1;
            fresh.push_back(insert(one.run).id);
            last_run = last;
        }
        last_batch = std::max(last_batch, one.run.batch);
        batch.attempts.insert(batch.attempts.end(), one.attempts.begin(), one.attempts.end());
    }
    // Jobs after them that have files too have their rows by now; the others get them as if the fire had just come.
    for (const RunId id : fresh) {
        const Run& run = open.at(id);
        if (run.origin == Origin::live || run.origin == Origin::catch_up) give_dependents(run);
    }
}

// The ledger has the run, but with an earlier attempt.
Run& Engine::Body::resume(const Run& found) {
    auto it = open.find(found.id);
    if (it == open.end()) {
        it = open.emplace(found.id, *ledger.by_id(found.id)).first;
        index(it->second);
        owed.erase(found.id);
    }
    Run& run = it->second;
    touch(run);
    run.attempt = found.attempt;
    run.attempts_before = found.attempts_before;
    set_running(run, found.started);
    run.timeout_up = found.timeout_up;
    run.generation = found.generation;
    run.user = found.user;
    note_change(run);
    return run;
}

}  // namespace mc
