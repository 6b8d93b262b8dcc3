// seen.h — the jobs and runs of a daemon as a caller sees them. To the caller the others do not exist.
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
    // Every job, also those that have left the file; of these nobody can say whose they were.
    bool is_all() const { return access_.role != Access::Role::own; }
    // The job of that name or title.
    const Job* job(const std::string& shown) const;
    // The name of the job that is shown so. Error: usage, when the caller sees no such job.
    Result<std::string> name_of(const std::string& shown) const;
    std::vector<std::string> names() const;
    bool sees(const Run& run) const;
    // Of a record or an alert, which has the job's name only.
    bool sees_all_of(const std::string& job_name) const;
    // Error: usage, "there is no run 17", also when the caller does not see it; of the ledger.
    Result<Run> run(RunId id) const;

   private:
    const Shell& shell_;
    Access access_;
};

}  // namespace mc::app
