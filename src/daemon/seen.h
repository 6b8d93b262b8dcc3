// seen.h — the jobs and runs that a caller sees. For the caller, other jobs and runs do not exist.
#pragma once

#include <string>
#include <vector>

#include "daemon/access.h"
#include "shell/shell.h"

namespace mc::app {

class Seen {
   public:
    // The shell outlives it.
    Seen(const Shell& shell, Access access) : shell_(shell), access_(std::move(access)) {}

    const Access& access() const { return access_; }
    // Whether the caller sees every job, also those that are no longer in the configuration, whose users are not known.
    bool is_all() const { return access_.role != Access::Role::own; }
    // The job with that name or title; null if the caller sees none.
    const Job* job(const std::string& shown) const;
    // The name of the job that is shown as `shown`. Error: usage, when the caller sees no such job.
    Result<JobName> name_of(const std::string& shown) const;
    std::vector<JobName> names() const;
    bool sees(const Run& run) const;
    // For a job's record or alert, which has only the job's name.
    bool sees_all_of(const JobName& job_name) const;
    // Error: usage, "there is no run 17", also when the caller does not see it; of the ledger.
    Result<Run> run(RunId id) const;

   private:
    const Shell& shell_;
    Access access_;
};

}  // namespace mc::app
