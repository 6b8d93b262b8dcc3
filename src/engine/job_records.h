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

    const std::map<std::string, JobRecord>& all() const { return records_; }
    // Null: the job was never loaded, or its record was removed.
    const JobRecord* find(const std::string& job) const;
    const JobRecord& of(const std::string& job) const { return records_.at(job); }
    const std::set<std::string>& held() const { return held_; }
    const std::set<std::string>& iced() const { return iced_; }
    bool is_held(const std::string& job) const { return held_.contains(job); }
    bool is_iced(const std::string& job) const { return iced_.contains(job); }
    // Whether the job's hold keeps this run from starting.
    bool holds_back(const Run& run) const { return !run.bypasses_gates && is_held(run.job); }
    // Why the runs of an iced job are skipped: "iced by root since 2026-11-20T06:30:00Z". The job must be iced.
    Because iced(const std::string& job) const;

    // Written with the step.
    void put(const JobRecord& record);
    void remove(const std::string& job);

   private:
    Step& step_;
    std::map<std::string, JobRecord> records_;
    std::set<std::string> held_, iced_;
};

}  // namespace mc
