// agenda.h — the next fires of every job, and the fires that are due.
//
// Every fire up to planned_through() has been handed out; later fires are in the future. A fire is handed out once,
// also when the clock is set back: planned_through() never goes back.
// Bounds   one entry for each job, at most 400 days ahead. A job without a fire in that time is examined again every
//          200 days.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/definitions.h"
#include "engine/job_records.h"

namespace mc {

class Agenda {
   public:
    Agenda(std::optional<Instant> planned_through, const Definitions& jobs, const JobRecords& records);

    std::optional<Instant> planned_through() const { return planned_through_; }
    // Moves planned_through() to `now`, never back.
    void advance(Instant now);
    // Works out the next fires of every job of the plan again.
    void rebuild(Instant now);

    // Removes and returns the due fires of one job, the one with the earliest due fire; `job` null: no fire is due.
    // Call advance() before.
    struct Due {
        const Job* job = nullptr;
        std::vector<Fire> fires;
    };
    Due take_due(Instant now);
    // Asks the jobs again that had no fire within the bound, if it is time.
    void ask_again(Instant now);

    // A job's next fires, all at one instant; empty: none within the bound.
    const std::vector<Fire>& next(const JobName& job) const;
    const std::set<std::pair<Instant, JobName>>& entries() const { return entries_; }  // earliest first
    // The next instant at which the agenda needs a step.
    std::optional<Instant> wake() const;

   private:
    void schedule(const Job& job);

    const Definitions& jobs_;
    const JobRecords& records_;
    std::optional<Instant> planned_through_;
    std::map<JobName, std::vector<Fire>> next_;
    std::set<std::pair<Instant, JobName>> entries_;
    std::optional<Instant> ask_again_;
};

}  // namespace mc
