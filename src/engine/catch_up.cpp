// catch_up.cpp — which of a job's due fires run, and which only get a row (catch_up in marketcron.toml(5)).
#include <algorithm>
#include <span>

#include "config/crontab_jobs.h"
#include "engine/fresh_run.h"
#include "engine/planner.h"

namespace mc {

namespace {

// From this number on, consecutive fires with the same result share a row.
constexpr std::size_t shared_row_from = 11;

// A row for several consecutive fires has the key of none of them, so that each fire can still be backfilled.
Run shared_row(std::span<const Run> runs) {
    Run row = runs.front();
    row.key = FireKey::of_span(runs.front().fire, runs.back().fire);
    row.fires = static_cast<int>(runs.size());
    row.last_fire = runs.back().fire;
    return row;
}

// Overdue fires in three parts: [0, bound) too old, [bound, keep) superseded, [keep, size) to run.
struct Cut {
    std::size_t bound = 0, keep = 0;
};

Cut cut(const std::vector<Fire>& late, bool any_on_time, CatchUp policy, Seconds within, Instant now) {
    Cut cut{late.size(), late.size()};
    if (policy == CatchUp::none) return cut;
    const auto young = std::find_if(late.begin(), late.end(), [&](const Fire& f) { return now - f.due <= within; });
    cut.bound = cut.keep = static_cast<std::size_t>(young - late.begin());
    if (policy == CatchUp::latest && cut.keep < late.size()) cut.keep = late.size() - (any_on_time ? 0 : 1);
    return cut;
}

// For a held job: no fire is too old, because a daemon was running, and the newest fire is always kept for the release.
Cut cut_of_held(const std::vector<Fire>& late, bool any_on_time, CatchUp policy, Seconds within, Instant now) {
    Cut parts{0, 0};
    if (policy == CatchUp::all) parts.keep = cut(late, any_on_time, policy, within, now).keep;
    else parts.keep = late.size();
    if (parts.keep == late.size() && !late.empty() && !any_on_time) --parts.keep;
    return parts;
}

// The index of the first fire due at `then` or later; fires.size() if there is none.
std::size_t first_not_older(const std::vector<Fire>& fires, Instant then) {
    const auto found = std::find_if(fires.begin(), fires.end(), [&](const Fire& f) { return f.due >= then; });
    return static_cast<std::size_t>(found - fires.begin());
}

}  // namespace

void Planner::record(const Job& rules, const Fires& due, std::size_t from, std::size_t to, State state,
                     const Because& why) {
    std::vector<Run> runs;
    for (std::size_t i = from; i < to; ++i) {
        runs.push_back(make_run(rules, due.fires[i], Origin::live, due.calendars));
        static_cast<RunWaits&>(runs.back()) = {};
    }
    if (runs.size() >= shared_row_from) runs = {shared_row(runs)};
    for (Run& run : runs) endings_.finish(book_.insert(std::move(run)), state, why);
    // These fires create no runs of dependent jobs. Runs that wait for such a run must be judged again.
    if (!runs.empty() && !jobs_.dependents(due.job).empty()) gates_.judge_all_again();
}

void Planner::apply_catch_up(Fires due) {
    // A fire that already has its row (an edited offset, a step repeated after a crash) needs nothing.
    std::erase_if(due.fires, [&](const Fire& fire) { return past_.by_key(due.job, fire.key).has_value(); });
    if (due.fires.empty()) return;
    const std::size_t all = due.fires.size();
    const Job* job = jobs_.planned(due.job);
    if (!job) {  // its fires still get their rows
        Job gone;
        gone.name = due.job;
        gone.schedule = due.schedule;
        return record(gone, due, 0, all, State::skipped, Reason::removed);
    }
    if (!job->enabled) return record(*job, due, 0, all, State::skipped, Reason::disabled);
    if (records_.is_iced(due.job)) return skip_as_iced(*job, due.fires, due.calendars);
    if (other_cron_.empty() || !is_machines_line(*job)) return catch_up(*job, due);
    const std::size_t first_on_time = first_not_older(due.fires, step_.now.wall - job->grace);
    record(*job, due, 0, first_on_time, State::missed, Reason::down);
    record(*job, due, first_on_time, all, State::skipped, {Reason::other_cron, OtherCronRuns{other_cron_}});
}

void Planner::catch_up(const Job& job, const Fires& due) {
    const Instant now = step_.now.wall;
    const std::size_t first_on_time = first_not_older(due.fires, now - job.grace);
    const std::vector<Fire> late(due.fires.begin(), due.fires.begin() + static_cast<std::ptrdiff_t>(first_on_time));
    const bool any_on_time = first_on_time < due.fires.size();
    const Cut parts = records_.is_held(due.job) ? cut_of_held(late, any_on_time, job.catch_up, job.catch_up_within, now)
                                                : cut(late, any_on_time, job.catch_up, job.catch_up_within, now);
    record(job, due, 0, parts.bound, State::missed, Reason::down);
    if (parts.keep < due.fires.size())
        record(job, due, parts.bound, parts.keep, State::skipped,
               {Reason::superseded, Superseded{due.fires[parts.keep].due}, {&jobs_.plan(), due.schedule.zone.get()}});
    start_kept(job, due, parts.keep, first_on_time);
}

void Planner::start_kept(const Job& job, const Fires& due, std::size_t from, std::size_t first_on_time) {
    Date newest = due.fires.front().logical_date;
    for (const Fire& fire : due.fires) newest = std::max(newest, fire.logical_date);
    for (std::size_t i = from; i < due.fires.size(); ++i) {
        const Fire& fire = due.fires[i];
        const bool live = i >= first_on_time;
        const Follows follows = i + 1 < due.fires.size() ? Follows::another_fire : Follows::nothing;
        const Run& run = book_.insert(make_run(job, fire, live ? Origin::live : Origin::catch_up, due.calendars));
        if (fire.calendar_ended) endings_.finish(run, State::failed, {Reason::calendar_ended, fire.note});
        else if (job.latest_only && !live && fire.logical_date < newest)
            endings_.finish(run, State::skipped, {Reason::latest_only, NewerDate{newest}});
        else if (live) admission_.arrive(job, run, follows);
        create_dependent_runs(run);
    }
}

// Dependent jobs get their runs anyway, as if the iced job had succeeded.
void Planner::skip_as_iced(const Job& job, const std::vector<Fire>& fires, const CalendarSet& calendars) {
    for (const Fire& fire : fires) {
        const bool live = step_.now.wall - fire.due <= job.grace;
        const Run& run = book_.insert(make_run(job, fire, live ? Origin::live : Origin::catch_up, calendars));
        endings_.finish(run, State::skipped, records_.iced(job.name));
        create_dependent_runs(run);
    }
}

}  // namespace mc
