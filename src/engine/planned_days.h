// planned_days.h — what a plan has for one date, kept: while the runs of a day wait for each other, the same few dates
// are asked for again and again.
//
// Size     some thousands of fires; a date on which a job has very many is worked out each time.
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
    // As planned_fires(job, plan, date, date). The answer is good until the next question.
    const Fires& of(const Job& job, Date date);
    // As next_fires(): of a job with a schedule, at the earliest instant strictly after `after`, at most `until`.
    Fires next(const Job& job, Instant after, Instant until);

   private:
    struct Next {
        Instant after, until;  // asked for these; every `after` before the fires' instant has the same answer
        std::vector<Fire> fires;
    };
    Fires worked_out(const Job& job, Date date);
    Fires by_others(const Job& job, Date date);

    std::shared_ptr<const Plan> plan_;
    std::map<const Job*, std::size_t> numbers_;  // of the plan's jobs; like the days, looked up and never gone through
    std::map<Date, std::map<const Job*, Fires>> days_;
    std::vector<std::optional<Next>> next_;
    std::size_t kept_ = 0;
    Fires other_;  // the answer that is not kept
};

}  // namespace mc
