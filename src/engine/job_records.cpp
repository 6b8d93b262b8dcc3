#include "engine/job_records.h"

namespace mc {

namespace {

void set_member(std::set<JobName>& all, const JobName& job, bool is_member) {
    if (is_member) all.insert(job);
    else all.erase(job);
}

}  // namespace

JobRecords::JobRecords(std::vector<JobRecord> recovered, Step& step) : step_(step) {
    for (JobRecord& record : recovered) {
        set_member(held_, record.job, record.held());
        set_member(iced_, record.job, record.iced());
        records_.emplace(record.job, std::move(record));
    }
}

const JobRecord* JobRecords::find(const JobName& job) const {
    const auto found = records_.find(job);
    return found == records_.end() ? nullptr : &found->second;
}

Because JobRecords::iced(const JobName& job) const {
    const Hold& ice = *of(job).ice;
    return {Reason::iced, IcedBy{ice.by, ice.since}};
}

void JobRecords::put(const JobRecord& record) {
    set_member(held_, record.job, record.held());
    set_member(iced_, record.job, record.iced());
    step_.batch.jobs.push_back(record);
    records_.insert_or_assign(record.job, record);
}

void JobRecords::remove(const JobName& job) {
    step_.batch.removed_jobs.push_back(job);
    held_.erase(job);
    iced_.erase(job);
    records_.erase(job);
}

}  // namespace mc
