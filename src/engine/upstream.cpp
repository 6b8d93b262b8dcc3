#include "engine/upstream.h"

#include <algorithm>
#include <set>

#include "config/order.h"
#include "schedule/reach.h"

namespace mc {

namespace {

using Standing = UpstreamStatus::Standing;
using Basis = UpstreamStatus::Basis;

constexpr Instant ever{date::days{2'932'897}};  // 10000-01-01

// A run that is being cleared counts as not ended: it will run again.
bool has_ended(const Run& run) { return finished(run.state) && run.clearing == 0; }

Standing meaning(const Run& run) {
    if (run.clearing != 0) return Standing::pending;
    switch (run.state) {
        case State::success: return Standing::success;
        case State::skipped: return run.reason == Reason::iced ? Standing::success : Standing::skipped;
        case State::failed:
        case State::timed_out:
        case State::killed:
        case State::upstream_failed:
        case State::missed:
        case State::lost: return Standing::failed;
        case State::scheduled:
        case State::waiting:
        case State::queued:
        case State::running:
        case State::retrying: break;
    }
    return Standing::pending;
}

UpstreamStatus without_run(const Job& job, Date date, Standing standing, Basis basis, std::optional<Instant> due = {}) {
    UpstreamStatus look;
    look.standing = standing;
    look.basis = basis;
    look.job = job.name;
    look.date = date;
    look.due = due;
    return look;
}

UpstreamStatus of_run(const Run& run, Date date) {
    UpstreamStatus look;
    look.standing = meaning(run);
    look.job = run.job;
    look.date = date;
    look.run = run.id;
    look.state = run.state;
    look.reason = run.reason;
    return look;
}

// The job's runs and fires of one date. A shared row covers the fires in its range.
struct Day {
    std::vector<Run> runs;               // oldest fire first
    std::optional<Instant> to_come;      // the latest fire that has no run yet
    std::optional<Instant> without_run;  // the latest past fire that has no row
};

// The cached fires if there is a cache; else they are worked out into `found`.
const PlannedDays::Fires& fires_of(const Job& job, Date date, const History& history, PlannedDays::Fires& found) {
    if (history.days) return history.days->of(job, date);
    return found = planned_fires(job, history.plan, date, date);
}

Day day_of(const Job& job, Date date, const History& history) {
    Day day;
    for (Run& run : history.past.by_date(job.name, date))
        if (seen_by_others(run) && run.fires == 1) day.runs.push_back(std::move(run));
    // A run that has not ended decides.
    if (!std::all_of(day.runs.begin(), day.runs.end(), has_ended)) return day;
    // A job without a schedule has one fire for a date. If the run exists, its upstream jobs need not be examined.
    if (!job.has_schedule() && !day.runs.empty()) {
        const FireKey key = fire_of_date(job, date, {}, *history.plan.calendars).key;
        if (std::any_of(day.runs.begin(), day.runs.end(), [&](const Run& run) { return run.key == key; })) return day;
    }
    PlannedDays::Fires found;
    const PlannedDays::Fires& fires = fires_of(job, date, history, found);
    if (!fires) return day;
    std::set<FireKey> with_runs;
    for (const Run& run : day.runs) with_runs.insert(run.key);
    SharedRows shared_rows(job.name, history.past);
    for (const Fire& fire : *fires) {
        if (with_runs.contains(fire.key)) continue;
        // A fire for which `when` is false does not count.
        if (!when_holds(job, *history.plan.calendars, fire.logical_date).value_or(true)) continue;
        if (fire.due > history.planned_through) {
            day.to_come = std::max(day.to_come.value_or(fire.due), fire.due);
        } else if (const Run* shared = shared_rows.of(fire.due)) {
            day.runs.push_back(*shared);
            day.runs.back().fire = fire.due;
        } else {
            day.without_run = std::max(day.without_run.value_or(fire.due), fire.due);
        }
    }
    std::stable_sort(day.runs.begin(), day.runs.end(), [](const Run& a, const Run& b) { return a.fire < b.fire; });
    return day;
}

UpstreamStatus judge_day(const Job& job, Date date, const Day& day) {
    for (const Run& run : day.runs)
        if (!has_ended(run)) return of_run(run, date);
    if (day.to_come) return without_run(job, date, Standing::pending, Basis::fire_to_come, day.to_come);
    if (!day.runs.empty()) return of_run(day.runs.back(), date);
    if (day.without_run) return without_run(job, date, Standing::skipped, Basis::no_run, day.without_run);
    return without_run(job, date, Standing::skipped, Basis::no_fire);
}

bool iced(const Job& job, Past& past) {
    const auto record = past.record_of(job.name);
    return record && record->iced();
}

// No fire in (now, until] is for an earlier date than the returned one; nullopt: there is no such fire. For a job
// without a schedule: `from`, because its fires are not known cheaply.
std::optional<Date> first_date_to_come(const Job& job, Instant until, Date from, const History& history) {
    if (!job.has_schedule()) return from;
    const Instant now = history.planned_through;
    const auto next = history.days ? history.days->next(job, now, until)
                                   : next_fires(job.schedule, *history.plan.calendars, now, until);
    if (!next || next->empty()) return {};
    Date first = next->front().logical_date;
    for (const Fire& fire : *next) first = std::min(first, fire.logical_date);
    // A later fire may be for an earlier date.
    return fires_on_own_date(job.schedule) ? first : first - 2 * days_off(job, history.plan);
}

bool has_fire_to_come(const Job& job, Date date, const History& history) {
    if (!job.has_schedule()) {
        PlannedDays::Fires found;
        const PlannedDays::Fires& fires = fires_of(job, date, history, found);
        const auto to_come = [&](const Fire& one) { return one.due > history.planned_through; };
        return fires && std::any_of(fires->begin(), fires->end(), to_come);
    }
    // One fire is enough: a job that fires every second has many.
    const auto [first, last] = due_bounds(job.schedule, *history.plan.calendars, date, date);
    for (Instant after = std::max(first - Seconds{1}, history.planned_through); after < last;) {
        const auto fires = next_fires(job.schedule, *history.plan.calendars, after, last);
        if (!fires || fires->empty()) return false;
        for (const Fire& fire : *fires)
            if (fire.logical_date == date) return true;
        after = fires->front().due;
    }
    return false;
}

// The newest date strictly before `date` that has a run or a future fire.
std::optional<Date> newest_date_before(const Job& job, Date date, const History& history) {
    std::optional<Date> newest;
    if (const auto run = history.past.newest_before(job.name, date, ever)) {
        newest = run->logical_date;
        if (run->fires > 1)
            if (const auto fires = planned_fires(job, history.plan, run->logical_date, date - date::days{1}))
                for (const Fire& inside : *fires)
                    if (inside.due <= run->last_fire.value_or(run->fire))
                        newest = std::max(*newest, inside.logical_date);
    }
    // A fire is at most `off` away from its date. So no future fire is for a date before now minus `off`, and all fires
    // for dates before `date` are due before `date` plus `off`.
    const date::days off = days_off(job, history.plan) + date::days{1};
    const Date today{date::floor<date::days>(history.planned_through).time_since_epoch()};
    const Date from = std::max(newest.value_or(Date{}), std::min(date, today) - off);
    const auto first = first_date_to_come(job, Instant{date.time_since_epoch()} + off, from, history);
    for (Date day = date - date::days{1}; first && day >= std::max(*first, from); day -= date::days{1}) {
        if (has_fire_to_come(job, day, history)) return day;
    }
    return newest;
}

}  // namespace

const Run* SharedRows::of(Instant fire) {
    if (last_ && last_->fire <= fire && fire <= last_->last_fire.value_or(last_->fire)) return &*last_;
    last_ = past_.spanning(job_, fire);
    return last_ ? &*last_ : nullptr;
}

bool seen_by_others(const Run& run) { return !run.key.is_start(); }

UpstreamStatus status_of(const Upstream& upstream, Date date, const History& history) {
    const Job& job = history.plan.jobs.at(upstream.job);
    if (!job.enabled) return without_run(job, date, Standing::skipped, Basis::disabled);
    if (iced(job, history.past)) return without_run(job, date, Standing::success, Basis::iced);
    if (!upstream.previous) return judge_day(job, date, day_of(job, date, history));
    const auto before = newest_date_before(job, date, history);
    if (!before) return without_run(job, Date{}, Standing::success, Basis::none_known);
    return judge_day(job, *before, day_of(job, *before, history));
}

UpstreamStatus status_of_past(const Job& job, Date date, const History& history) {
    const auto before = newest_date_before(job, date, history);
    if (!before) return without_run(job, Date{}, Standing::success, Basis::none_known);
    const Day day = day_of(job, *before, history);
    for (const Run& run : day.runs) {
        const bool passes =
            run.state == State::success || (run.state == State::skipped && run.reason != Reason::overlap);
        if (passes && has_ended(run)) continue;
        UpstreamStatus look = of_run(run, *before);
        if (look.standing == Standing::skipped) look.standing = Standing::failed;
        return look;
    }
    UpstreamStatus look = judge_day(job, *before, day);
    if (look.standing == Standing::skipped) look.standing = Standing::success;
    return look;
}

TriggerVerdict judge(Trigger trigger, std::span<const UpstreamStatus> upstreams) {
    std::size_t success = 0, skipped = 0, failed = 0;
    for (const UpstreamStatus& look : upstreams) {
        success += look.standing == Standing::success;
        skipped += look.standing == Standing::skipped;
        failed += look.standing == Standing::failed;
    }
    const std::size_t all = upstreams.size();
    const auto start_or = [](bool start, TriggerVerdict otherwise) {
        return start ? TriggerVerdict::start : otherwise;
    };
    if (trigger == Trigger::always) return TriggerVerdict::start;
    if (trigger == Trigger::one_success && success > 0) return TriggerVerdict::start;
    if (trigger == Trigger::one_failed && failed > 0) return TriggerVerdict::start;
    if (trigger == Trigger::one_done && success + failed > 0) return TriggerVerdict::start;
    if (success + skipped + failed < all) return TriggerVerdict::wait;
    switch (trigger) {
        case Trigger::all_success:
            if (failed > 0) return TriggerVerdict::upstream_failed;
            return start_or(skipped == 0, TriggerVerdict::skip);
        case Trigger::all_failed: return start_or(failed == all, TriggerVerdict::skip);
        case Trigger::all_skipped: return start_or(skipped == all, TriggerVerdict::skip);
        case Trigger::one_success: return failed > 0 ? TriggerVerdict::upstream_failed : TriggerVerdict::skip;
        case Trigger::one_failed:
        case Trigger::one_done: return TriggerVerdict::skip;
        case Trigger::none_failed: return start_or(failed == 0, TriggerVerdict::upstream_failed);
        case Trigger::none_failed_min_one_success:
            if (failed > 0) return TriggerVerdict::upstream_failed;
            return start_or(success > 0, TriggerVerdict::skip);
        case Trigger::none_skipped: return start_or(skipped == 0, TriggerVerdict::skip);
        // In Airflow a skipped upstream does not count as done here.
        case Trigger::all_done_min_one_success:
            if (skipped > 0) return TriggerVerdict::skip;
            return start_or(success > 0, TriggerVerdict::upstream_failed);
        case Trigger::all_done:
        case Trigger::always: break;
    }
    return TriggerVerdict::start;
}

std::vector<UpstreamStatus> deciding(TriggerVerdict verdict, Trigger trigger,
                                     std::span<const UpstreamStatus> upstreams) {
    const auto decides = [&](Standing standing) {
        if (verdict == TriggerVerdict::upstream_failed) return standing == Standing::failed;
        if (trigger == Trigger::all_failed || trigger == Trigger::one_failed) return standing != Standing::failed;
        if (trigger == Trigger::all_skipped) return standing != Standing::skipped;
        return standing == Standing::skipped;
    };
    std::vector<UpstreamStatus> found;
    for (const UpstreamStatus& look : upstreams)
        if (decides(look.standing)) found.push_back(look);
    return found;
}

}  // namespace mc
