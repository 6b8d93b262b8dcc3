#include "engine/definitions.h"

#include <fmt/format.h>

#include "base/suggest.h"
#include "config/order.h"

namespace mc {

std::shared_ptr<const Plan> Definitions::replace(std::shared_ptr<const Plan> plan) {
    auto old = std::exchange(plan_, std::move(plan));
    dependents_ = dependents_of(*plan_);
    ordered_.clear();
    for (const auto& [name, unused] : dependents_) ordered_.insert(name);
    for (const auto& [name, job] : plan_->jobs)
        if (job.depends_on_past) ordered_.insert(name);
    days_.reset();
    return old;
}

void Definitions::retire(const Job& job) { retired_.insert_or_assign(job.name, job); }

const Job* Definitions::planned(const JobName& job) const {
    const auto found = plan_->jobs.find(job);
    return found == plan_->jobs.end() ? nullptr : &found->second;
}

const Job* Definitions::retired(const JobName& job) const {
    const auto found = retired_.find(job);
    return found == retired_.end() ? nullptr : &found->second;
}

const Job* Definitions::of(const Run& run) const {
    const Job* job = planned(run.job);
    return job ? job : retired(run.job);
}

const Job* Definitions::asked(const JobName& name, Step& step) const {
    if (const Job* job = planned(name)) return job;
    std::vector<std::string> names;
    for (const auto& [known, job] : plan_->jobs) names.push_back(known);
    step.refuse({Error::Kind::usage, fmt::format("unknown job {}", name), did_you_mean(name, names), {}});
    return nullptr;
}

const std::vector<const Job*>& Definitions::dependents(const JobName& job) const {
    static const std::vector<const Job*> none;
    const auto found = dependents_.find(job);
    return found == dependents_.end() ? none : found->second;
}

PlannedDays& Definitions::days() {
    if (!days_) days_.emplace(plan_);
    return *days_;
}

Wording Definitions::wording(const Run& run) const {
    const Job* job = of(run);
    return job ? wording(*job) : Wording{plan_.get(), nullptr};
}

}  // namespace mc
