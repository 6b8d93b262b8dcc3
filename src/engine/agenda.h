// agenda.h — when which job fires next.
//
// Every fire up to planned_through() has been handed out; later ones are to come. A fire is handed out once, also
// when the clock is set back: planning goes on where it was.
// Bounds   one entry for each job, at most 400 days ahead; a job that fires more rarely is asked again on the way.
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
    // Goes on from then; never back.
    void advance(Instant now);
    // Every job of the plan is looked at anew.
    void rebuild(Instant now);

    // The due fires of one job, of which the first is the earliest of all that are due; empty: none is. advance() came
    // before. The job's next fires stand in their place.
    struct Due {
        const Job* job = nullptr;
        std::vector<Fire> fires;
    };
    Due take_due(Instant now);
    // Jobs that had no fire within the bound are asked again, when it is time to.
    void ask_again(Instant now);

    // A job's next fires, all at one instant; empty: none within the bound.
    const std::vector<Fire>& next(const std::string& job) const;
    const std::set<std::pair<Instant, std::string>>& entries() const { return entries_; }  // earliest first
    // When the engine has to wake for this.
    std::optional<Instant> wake() const;

   private:
    void schedule(const Job& job);

    const Definitions& jobs_;
    const JobRecords& records_;
    std::optional<Instant> planned_through_;
    std::map<std::string, std::vector<Fire>> next_;
    std::set<std::pair<Instant, std::string>> entries_;
    std::optional<Instant> ask_again_;
};

}  // namespace mc
