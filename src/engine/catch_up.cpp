// catch_up.cpp — which of a job's due fires are run, and which only leave a row (SPEC 2.4).
#include <fmt/format.h>

#include <algorithm>

#include "config/crontab_jobs.h"
#include "engine/body.h"
#include "engine/present.h"

namespace mc {

namespace {

// Longer runs of fires with one fate share a row; fewer are told one by one.
constexpr std::size_t shared_row_from = 11;

// A row for several consecutive fires is no fire's identity, so that each can still be backfilled.
Run shared_row(std::span<const Run> runs) {
    Run row = runs.front();
    row.key = fmt::format("span {} {}", to_string(runs.front().fire), to_string(runs.back().fire));
    row.fires = static_cast<int>(runs.size());
    row.last_fire = runs.back().fire;
    return row;
}

// Late fires in three parts: [0, bound) too old, [bound, keep) superseded, [keep, size) to be run.
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

// Nobody was away: it was to wait, and one is always kept for its release.
Cut cut_of_held(const std::vector<Fire>& late, bool any_on_time, CatchUp policy, Seconds within, Instant now) {
    Cut parts{0, 0};
    if (policy == CatchUp::all) parts.keep = cut(late, any_on_time, policy, within, now).keep;
    else parts.keep = late.size();
    if (parts.keep == late.size() && !late.empty() && !any_on_time) --parts.keep;
    return parts;
}

// The first that was due then or later; of none, their number.
std::size_t first_not_older(const std::vector<Fire>& fires, Instant then) {
    const auto found = std::find_if(fires.begin(), fires.end(), [&](const Fire& f) { return f.due >= then; });
    return static_cast<std::size_t>(found - fires.begin());
}

std::string runs_too(const std::string& other_cron) { return other_cron + " runs the crontabs too"; }

}  // namespace

Run make_run(const Job& job, const Fire& fire, Origin origin, const CalendarSet& calendars) {
    Run run;
    run.job = job.name;
    if (job.title) run.title = *job.title;
    run.key = fire.key;
    run.fire = fire.due;
    run.logical_date = fire.logical_date;
    run.session = fire.session;
    run.origin = origin;
    run.state = State::queued;
    const auto limit = [&](const Rare<Limit>& rule, bool own_session) -> std::optional<Instant> {
        if (!rule) return std::nullopt;
        auto at = resolve_limit(*rule, fire, own_session, job.schedule, calendars);
        if (at) return *at;
        run.detail = at.error().what;
        return std::nullopt;
    };
    run.not_before = limit(job.wait_until, true);
    if (origin == Origin::backfill) return run;
    run.not_after = limit(job.not_after, false);
    run.deadline = limit(job.deadline, false);
    return run;
}

void Engine::Body::settle(const std::string& name, const JobSchedule& schedule, const CalendarSet& calendars,
                          const std::vector<Fire>& all_fires) {
    // A fire that has its row already (an edited offset, a step repeated after a crash) is settled.
    std::vector<Fire> fires;
    for (const Fire& fire : all_fires)
        if (!Present(*this).by_key(name, fire.key)) fires.push_back(fire);
    if (fires.empty()) return;

    const auto found = plan->jobs.find(name);
    const Job* job = found == plan->jobs.end() ? nullptr : &found->second;
    Job gone;  // a job that is no more: its fires still leave their rows
    gone.name = name;
    gone.schedule = schedule;
    const Job& rules = job ? *job : gone;

    const auto group = [&](std::size_t from, std::size_t to, State state, Reason reason,
                           const std::string& detail = {}) {
        std::vector<Run> runs;
        for (std::size_t i = from; i < to; ++i) {
            runs.push_back(make_run(rules, fires[i], Origin::live, calendars));
            runs.back().not_before = runs.back().not_after = runs.back().deadline = std::nullopt;
        }
        if (runs.size() >= shared_row_from) runs = {shared_row(runs)};
        for (Run& run : runs) finish(insert(std::move(run)), state, reason, detail);
        // They give the jobs after them no run: who waits for one of those is to know.
        if (!runs.empty() && dependents.contains(name)) judge_all_again();
    };

    const std::size_t first_on_time = first_not_older(fires, now.wall - rules.grace);
    if (!job || !job->enabled) {
        group(0, fires.size(), State::skipped, job ? Reason::disabled : Reason::removed);
        return;
    }
    if (iced.contains(name)) return skip_as_iced(*job, fires, calendars);
    if (!other_cron.empty() && is_machines_line(*job)) {
        group(0, first_on_time, State::missed, Reason::down);
        return group(first_on_time, fires.size(), State::skipped, Reason::other_cron, runs_too(other_cron));
    }
    const std::vector<Fire> late(fires.begin(), fires.begin() + static_cast<std::ptrdiff_t>(first_on_time));
    const bool any_on_time = first_on_time < fires.size();
    const Cut parts = held.contains(name)
                          ? cut_of_held(late, any_on_time, job->catch_up, job->catch_up_within, now.wall)
                          : cut(late, any_on_time, job->catch_up, job->catch_up_within, now.wall);
    group(0, parts.bound, State::missed, Reason::down);
    if (parts.keep < fires.size())
        group(parts.bound, parts.keep, State::skipped, Reason::superseded,
              fmt::format("the fire at {} came in its place", local_text(fires[parts.keep].due, *schedule.zone)));

    Date newest = fires.front().logical_date;
    for (const Fire& fire : fires) newest = std::max(newest, fire.logical_date);
    for (std::size_t i = parts.keep; i < fires.size(); ++i) {
        const bool live = i >= first_on_time;
        Run& run = insert(make_run(*job, fires[i], live ? Origin::live : Origin::catch_up, calendars));
        if (fires[i].calendar_ended) finish(run, State::failed, Reason::calendar_ended, fires[i].note);
        else if (job->latest_only && !live && fires[i].logical_date < newest)
            finish(run, State::skipped, Reason::latest_only);
        else if (live) live_fire(*job, run, i + 1 < fires.size());
        give_dependents(run);
    }
}

// Whoever is after it gets its run all the same, and goes on.
void Engine::Body::skip_as_iced(const Job& job, const std::vector<Fire>& fires, const CalendarSet& calendars) {
    for (const Fire& fire : fires) {
        const bool live = now.wall - fire.due <= job.grace;
        Run& run = insert(make_run(job, fire, live ? Origin::live : Origin::catch_up, calendars));
        finish(run, State::skipped, Reason::iced, iced_detail(records.at(job.name)));
        give_dependents(run);
    }
}

}  // namespace mc
