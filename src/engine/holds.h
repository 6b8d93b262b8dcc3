// holds.h — held jobs start nothing, iced jobs skip what is due, until they are released or their time is over.
#pragma once

#include <utility>
#include <vector>

#include "engine/gates.h"

namespace mc {

class Holds {
   public:
    Holds(Step& step, const Definitions& jobs, RunBook& book, JobRecords& records, Gates& gates, Endings& endings,
          SensorWatch& sensors);

    void asked(const HoldAsked& asked);
    void asked(const IceAsked& asked);
    void asked(const ReleaseAsked& asked);
    // Those whose time is over end.
    void expire();
    std::optional<Instant> wake() const;
    // The job's hold keeps the run from starting.
    void wait_for_release(const Run& run);
    // Another run of the job that must end before this one starts; null: none.
    const Run* running_against(const Run& run) const;

   private:
    // False: it has passed, which is refused.
    bool is_to_come(const std::optional<Instant>& until, const Job& job, std::string_view what);
    struct Released {
        std::vector<RunId> may_start;
        std::size_t skipped = 0;
    };
    Released release_hold(JobRecord record);
    Released settle_backlog(const Job& job, Instant held_since);
    void release_ice(JobRecord record);
    void forget_if_removed(const JobRecord& record);
    std::vector<std::string> over(const std::set<std::string>& names, BoxedOptional<Hold> JobRecord::*which) const;
    std::string skip_iced_runs(const Job& job, std::vector<RunId>& skipped);

    Step& step_;
    const Definitions& jobs_;
    RunBook& book_;
    JobRecords& records_;
    Gates& gates_;
    Endings& endings_;
    SensorWatch& sensors_;
};

}  // namespace mc
