// definitions.h — the present definitions of jobs: the plan, and jobs that left it but still have unfinished runs.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/planned_days.h"
#include "engine/step.h"

namespace mc {

class Definitions {
   public:
    bool loaded() const { return plan_ != nullptr; }
    const Plan& plan() const { return *plan_; }
    std::shared_ptr<const Plan> shared_plan() const { return plan_; }
    const CalendarSet& calendars() const { return *plan_->calendars; }
    // Puts the new plan in force. Returns the old one, or null.
    std::shared_ptr<const Plan> replace(std::shared_ptr<const Plan> plan);
    // Keeps the last definition of a job that has left the plan, for its unfinished runs.
    void retire(const Job& job);

    // Null: the plan has no such job.
    const Job* planned(const JobName& job) const;
    // The newest definition, also a retired one. Null if there is none.
    const Job* of(const Run& run) const;
    const Job* retired(const JobName& job) const;
    // For sentences about that run, or about a run of that job.
    Wording wording(const Run& run) const;
    Wording wording(const Job& job) const { return {plan_.get(), job.schedule.zone.get()}; }
    // As planned(). Refuses the request if the job is not in the plan.
    const Job* asked(const JobName& job, Step& step) const;

    // The jobs with that job in their `after`, in the plan's order; empty: none.
    const std::vector<const Job*>& dependents(const JobName& job) const;
    // The jobs that are in an `after` of another job, or have depends_on_past.
    const std::set<JobName>& ordered() const { return ordered_; }
    PlannedDays& days();

   private:
    std::shared_ptr<const Plan> plan_;
    std::map<JobName, Job> retired_;
    std::map<JobName, std::vector<const Job*>, std::less<>> dependents_;
    std::set<JobName> ordered_;
    std::optional<PlannedDays> days_;
};

}  // namespace mc
