#include "engine/turn.h"

#include <algorithm>

namespace mc {

bool by_hand_or_live(const Run& run) { return run.origin == Origin::live || run.origin == Origin::start; }

bool must_end_first(const Run& other, const Run& run) {
    // A run between two attempts keeps its turn: it waits only for a running run.
    const bool in_the_way = run.state == State::retrying ? other.state == State::running : started(other);
    if (other.id == run.id || !in_the_way) return false;
    if (run.batch != 0 && run.batch == other.batch) return false;  // the width of the backfill limits them
    return !by_hand_or_live(run) || by_hand_or_live(other);
}

void StartedRuns::add(const Run& run) {
    if (started(run)) by_job_[run.job].push_back(&run);
}

const Run* StartedRuns::blocking(const Run& run) const {
    const auto of_job = by_job_.find(run.job);
    if (of_job == by_job_.end()) return nullptr;
    const auto& started_runs = of_job->second;
    const auto found = std::find_if(started_runs.begin(), started_runs.end(),
                                    [&](const Run* other) { return must_end_first(*other, run); });
    return found == started_runs.end() ? nullptr : *found;
}

}  // namespace mc
