// definitions.h — the jobs as they are defined now: the plan, and definitions that left it while their runs go on.
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
    // The new plan is in force from now on. Returns the old one, or null.
    std::shared_ptr<const Plan> replace(std::shared_ptr<const Plan> plan);
    // The job has left the plan, and runs of it are unfinished: its last definition is kept for them.
    void retire(const Job& job);

    // Null: the plan has no such job.
    const Job* planned(const std::string& job) const;
    // The newest definition, also a retired one. Null when there is none.
    const Job* of(const Run& run) const;
    const Job* retired(const std::string& job) const;
    // What sentences about that run, or a run of that job, need.
    Wording wording(const Run& run) const;
    Wording wording(const Job& job) const { return {plan_.get(), job.schedule.zone.get()}; }
    // As planned(); a job that is not in the plan is refused.
    const Job* asked(const std::string& job, Step& step) const;

    // The jobs that wait for that one by `after`, in the plan's order; empty: none.
    const std::vector<const Job*>& dependents(const std::string& job) const;
    // The jobs that others wait for by `after`, or that wait for their own past.
    const std::set<std::string>& ordered() const { return ordered_; }
    PlannedDays& days();

   private:
    std::shared_ptr<const Plan> plan_;
    std::map<std::string, Job> retired_;
    std::map<std::string, std::vector<const Job*>> dependents_;
    std::set<std::string> ordered_;
    std::optional<PlannedDays> days_;
};

}  // namespace mc
