// job_records.h — the ledger's record of each job: its loaded schedule, its hold and its ice.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/step.h"

namespace mc {

class JobRecords {
   public:
    JobRecords(std::vector<JobRecord> recovered, Step& step);

    const std::map<JobName, JobRecord>& all() const { return records_; }
    // Null: the job was never loaded, or its record was removed.
    const JobRecord* find(const JobName& job) const;
    const JobRecord& of(const JobName& job) const { return records_.at(job); }
    const std::set<JobName>& held() const { return held_; }
    const std::set<JobName>& iced() const { return iced_; }
    bool is_held(const JobName& job) const { return held_.contains(job); }
    bool is_iced(const JobName& job) const { return iced_.contains(job); }
    // Whether the job's hold keeps this run from starting.
    bool holds_back(const Run& run) const { return !run.bypasses_gates && is_held(run.job); }
    // Why the runs of an iced job are skipped: "iced by root since 2026-11-20T06:30:00Z". The job must be iced.
    Because iced(const JobName& job) const;

    // Written with the step.
    void put(const JobRecord& record);
    void remove(const JobName& job);

   private:
    Step& step_;
    std::map<JobName, JobRecord> records_;
    std::set<JobName> held_, iced_;
};

}  // namespace mc
