// planned_days.h — a cache of the fires of a plan by date. While the runs of a day wait for each other, the same few
// dates are needed again and again.
//
// Bounds   about 20,000 fires; for a job with more than 100 fires on a date, nothing is kept.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "config/plan.h"

namespace mc {

class PlannedDays {
   public:
    explicit PlannedDays(std::shared_ptr<const Plan> plan);
    const std::shared_ptr<const Plan>& plan() const { return plan_; }

    using Fires = Result<std::vector<Fire>>;
    // As planned_fires(job, plan, date, date). The reference is valid until the next call.
    const Fires& of(const Job& job, Date date);
    // As next_fires(), for a job with a schedule: the fires at the earliest instant in (after, until].
    Fires next(const Job& job, Instant after, Instant until);

   private:
    struct Next {
        Instant after, until;  // the arguments; every later `after` before the fires' instant has the same answer
        std::vector<Fire> fires;
    };
    Fires worked_out(const Job& job, Date date);
    Fires by_others(const Job& job, Date date);

    std::shared_ptr<const Plan> plan_;
    std::map<const Job*, std::size_t>
        numbers_;  // of the plan's jobs; never iterated: the order of pointers is arbitrary
    std::map<Date, std::map<const Job*, Fires>> days_;
    std::vector<std::optional<Next>> next_;
    std::size_t kept_ = 0;
    Fires other_;  // the answer that is not kept
};

}  // namespace mc
