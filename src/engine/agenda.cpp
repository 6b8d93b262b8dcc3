#include "engine/agenda.h"

#include <algorithm>

namespace mc {

namespace {

constexpr Seconds ahead{400LL * 86400};

}  // namespace

Agenda::Agenda(std::optional<Instant> planned_through, const Definitions& jobs, const JobRecords& records)
    : jobs_(jobs), records_(records), planned_through_(planned_through) {}

void Agenda::advance(Instant now) { planned_through_ = std::max(now, planned_through_.value_or(now)); }

void Agenda::rebuild(Instant now) {
    next_.clear();
    entries_.clear();
    for (const auto& [name, job] : jobs_.plan().jobs) schedule(job);
    ask_again_ = now + ahead / 2;
}

void Agenda::schedule(const Job& job) {
    auto& fires = next_[job.name];
    if (!fires.empty()) entries_.erase({fires.front().due, job.name});
    fires.clear();
    if (!job.enabled) return;
    const Instant after = std::max(*planned_through_, records_.of(job.name).since);
    auto found = next_fires(job.schedule, jobs_.calendars(), after, after + ahead);
    if (!found || found->empty()) return;
    fires = std::move(*found);
    entries_.emplace(fires.front().due, job.name);
}

Agenda::Due Agenda::take_due(Instant now) {
    if (entries_.empty() || entries_.begin()->first > now) return {};
    const Job& job = *jobs_.planned(entries_.begin()->second);
    Due due{&job, next_[job.name]};
    const Instant first = due.fires.front().due;
    if (first < now)  // the engine woke late: more fires may be due
        if (auto more = fires_between(job.schedule, jobs_.calendars(), first, now))
            due.fires.insert(due.fires.end(), more->begin(), more->end());
    schedule(job);
    return due;
}

void Agenda::ask_again(Instant now) {
    if (ask_again_ && now < *ask_again_) return;
    ask_again_ = now + ahead / 2;
    for (const auto& [name, job] : jobs_.plan().jobs)
        if (next_[name].empty()) schedule(job);
}

const std::vector<Fire>& Agenda::next(const JobName& job) const {
    static const std::vector<Fire> none;
    const auto found = next_.find(job);
    return found == next_.end() ? none : found->second;
}

std::optional<Instant> Agenda::wake() const {
    std::optional<Instant> wake = ask_again_;
    if (!entries_.empty() && (!wake || entries_.begin()->first < *wake)) wake = entries_.begin()->first;
    return wake;
}

}  // namespace mc
