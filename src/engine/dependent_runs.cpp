// dependent_runs.cpp — a job without a schedule gets its run for a date with the first live or caught-up run of an
// upstream job.
#include <algorithm>

#include "config/order.h"
#include "engine/fresh_run.h"
#include "engine/planner.h"

namespace mc {

namespace {

bool waits_for_same_date(const Job& job, const JobName& upstream) {
    const auto is_it = [&](const Upstream& u) { return !u.previous && u.job == upstream; };
    return job.after && std::any_of(job.after->upstreams.begin(), job.after->upstreams.end(), is_it);
}

}  // namespace

void Planner::create_dependent_runs(const Run& first) {
    std::vector<const Run*> created{&first};
    for (std::size_t i = 0; i < created.size(); ++i) {
        const Run& run = *created[i];
        for (const Job* job : jobs_.dependents(run.job)) {
            if (job->has_schedule() || !job->enabled || !waits_for_same_date(*job, run.job)) continue;
            Fire fire = fire_of_date(*job, run.logical_date, run.fire, jobs_.calendars());
            if (past_.by_key(job->name, fire.key)) continue;
            const auto& due = jobs_.days().of(*job, fire.logical_date);
            if (due && !due->empty()) fire.due = due->front().due;
            created.push_back(&create_run(*job, fire, run.origin));
        }
    }
}

const Run& Planner::create_run(const Job& job, const Fire& fire, Origin origin) {
    const Run& run = book_.insert(make_run(job, fire, origin, jobs_.calendars()));
    if (records_.is_iced(job.name)) endings_.finish(run, State::skipped, records_.iced(job.name));
    else if (!endings_.finish_by_when(job, run) && job.latest_only && origin == Origin::catch_up)
        if (const auto newer = newest_due_after(job, fire))
            endings_.finish(run, State::skipped, {Reason::latest_only, NewerDate{*newer}});
    return run;
}

std::optional<Date> Planner::newest_due_after(const Job& job, const Fire& fire) const {
    const Instant now = step_.now.wall;
    const Date today = date_of(job.schedule.zone->to_wall(now));
    const auto newer =
        planned_fires(job, jobs_.plan(), fire.logical_date + date::days{1}, std::max(today, fire.logical_date));
    const auto is_due = [&](const Fire& one) {
        return one.due <= now && when_holds(job, jobs_.calendars(), one.logical_date).value_or(false);
    };
    std::optional<Date> newest;
    for (const Fire& one : newer ? *newer : std::vector<Fire>{})
        if (is_due(one)) newest = std::max(newest.value_or(one.logical_date), one.logical_date);
    return newest;
}

}  // namespace mc
