#include "engine/planned_days.h"

#include <algorithm>

#include "config/order.h"

namespace mc {

namespace {

constexpr std::size_t kept_max = 20'000, fires_kept_max = 100;

}  // namespace

PlannedDays::PlannedDays(std::shared_ptr<const Plan> plan) : plan_(std::move(plan)), next_(plan_->jobs.size()) {
    for (const auto& [name, job] : plan_->jobs) numbers_.emplace(&job, numbers_.size());
}

const PlannedDays::Fires& PlannedDays::of(const Job& job, Date date) {
    if (const auto day = days_.find(date); day != days_.end())
        if (const auto known = day->second.find(&job); known != day->second.end()) return known->second;
    if (!numbers_.contains(&job)) return other_ = planned_fires(job, *plan_, date, date);
    Fires fires = worked_out(job, date);
    if (!fires || fires->size() > fires_kept_max) return other_ = std::move(fires);
    if (kept_ > kept_max) {
        days_.clear();
        kept_ = 0;
    }
    kept_ += 1 + fires->size();
    return days_[date].insert_or_assign(&job, std::move(fires)).first->second;
}

PlannedDays::Fires PlannedDays::worked_out(const Job& job, Date date) {
    if (job.has_schedule()) return fires_for_dates(job.schedule, *plan_->calendars, date, date);
    return by_others(job, date);
}

// The fires of a job without a schedule: one fire, due with the last fire of its upstream jobs; none if they have none.
PlannedDays::Fires PlannedDays::by_others(const Job& job, Date date) {
    std::optional<Instant> last;
    bool known = true;
    std::string note;
    for (std::size_t i = 0; job.enabled && job.after && i < job.after->upstreams.size(); ++i) {
        const Upstream& upstream = job.after->upstreams[i];
        const auto before = plan_->jobs.find(upstream.job);
        if (upstream.previous || before == plan_->jobs.end() || !before->second.enabled) continue;
        const Fires& theirs = of(before->second, date);
        if (!theirs) return theirs;
        for (const Fire& fire : *theirs) {
            last = std::max(last.value_or(fire.due), fire.due);
            known = known && !fire.calendar_ended;
            if (note.empty()) note = fire.note;
        }
    }
    std::vector<Fire> fires;
    if (!last) return fires;
    Fire& fire = fires.emplace_back(fire_of_date(job, date, *last, *plan_->calendars));
    fire.calendar_ended = !known;
    fire.note = std::move(note);
    return fires;
}

PlannedDays::Fires PlannedDays::next(const Job& job, Instant after, Instant until) {
    const auto number = numbers_.find(&job);
    if (number == numbers_.end()) return next_fires(job.schedule, *plan_->calendars, after, until);
    std::optional<Next>& known = next_[number->second];
    const bool holds = known && known->after <= after &&
                       (known->fires.empty() ? until <= known->until : after < known->fires.front().due);
    if (!holds) {
        auto found = next_fires(job.schedule, *plan_->calendars, after, until);
        if (!found) return found;
        known = Next{after, until, std::move(*found)};
    }
    const bool in_time = !known->fires.empty() && known->fires.front().due <= until;
    return in_time ? known->fires : std::vector<Fire>{};
}

}  // namespace mc
