// holds.h — holds and ices of jobs: a held job starts no run, an iced job skips due runs, until released or expired.
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
    // Ends the holds and ices whose `until` has passed.
    void expire();
    std::optional<Instant> wake() const;
    // Makes the run wait for the release of its job.
    void wait_for_release(const Run& run);
    // Another run of the job that must end before this one starts; null: none.
    const Run* running_against(const Run& run) const;

   private:
    // False: the time has passed, and the request was refused.
    bool is_to_come(const std::optional<Instant>& until, const Job& job, std::string_view what);
    struct Released {
        std::vector<RunId> may_start;
        std::size_t skipped = 0;
    };
    Released release_hold(JobRecord record);
    Released settle_backlog(const Job& job, Instant held_since);
    void release_ice(JobRecord record);
    void forget_if_removed(const JobRecord& record);
    std::vector<JobName> over(const std::set<JobName>& names, BoxedOptional<Hold> JobRecord::*which) const;
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
