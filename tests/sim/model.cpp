#include "sim/model.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace mc::sim {

namespace {

enum class Stands { pending, success, skipped, failed, unknown };

constexpr Instant ever{date::days{2'932'897}};

bool is_open(const Run& run) { return !finished(run.state) || run.clearing != 0; }

Stands ended_as(const Run& run) {
    if (run.state == State::success || run.reason == Reason::iced) return Stands::success;
    return run.state == State::skipped ? Stands::skipped : Stands::failed;
}

std::vector<Run> rows_of(const Job& job, Date date, const World& world) {
    std::vector<Run> rows = world.ledger.by_date(job.name, date).value();
    std::erase_if(rows, [](const Run& row) { return row.key.is_start() || row.fires > 1; });
    return rows;
}

// The job's day: what has ended, what is to come.
struct Day {
    bool has_open = false, is_to_come = false, lacks_row = false;
    std::vector<std::pair<Instant, Run>> ended;  // by fire
};

Day day_of(const Job& job, Date date, const World& world) {
    Day day;
    const std::vector<Run> rows = rows_of(job, date, world);
    for (const Run& row : rows) {
        day.has_open = day.has_open || is_open(row);
        day.ended.emplace_back(row.fire, row);
    }
    for (const Fire& fire : world.fires.of(world.plan, job, date)) {
        const auto has_key = [&](const Run& row) { return row.key == fire.key; };
        if (std::any_of(rows.begin(), rows.end(), has_key)) continue;
        if (!when_holds(job, *world.plan.calendars, fire.logical_date).value_or(true)) continue;
        if (fire.due > world.planned_through) day.is_to_come = true;
        else if (const auto shared = world.ledger.spanning(job.name, fire.due).value())
            day.ended.emplace_back(fire.due, *shared);
        else day.lacks_row = true;
    }
    std::stable_sort(day.ended.begin(), day.ended.end(),
                     [](const auto& one, const auto& two) { return one.first < two.first; });
    return day;
}

Stands of_day(const Job& job, Date date, const Run& asking, const World& world) {
    const Day day = day_of(job, date, world);
    if (day.has_open || day.is_to_come) return Stands::pending;
    if (!day.ended.empty()) return ended_as(day.ended.back().second);
    return day.lacks_row && asking.assume_upstream ? Stands::success : Stands::skipped;
}

// The newest earlier date for which the job has a run or a fire to come.
struct Newest {
    bool is_known = true;
    std::optional<Date> date;
};

Newest newest_before(const Job& job, Date date, const World& world) {
    const auto row = world.ledger.newest_before(job.name, date, ever).value();
    if ((row && row->fires > 1) || (!job.has_schedule() && job.schedule.when)) return {false, {}};
    const Date today{date::floor<date::days>(world.planned_through).time_since_epoch()};
    const Date from = std::min(date, today) - days_off(job, world.plan) - date::days{1};
    for (Date day = date - date::days{1}; day >= from && (!row || day > row->logical_date); day -= date::days{1})
        for (const Fire& fire : world.fires.of(world.plan, job, day))
            if (fire.due > world.planned_through) return {true, day};
    return {true, row ? std::optional(row->logical_date) : std::nullopt};
}

Stands stands(const Upstream& upstream, const Run& run, const World& world) {
    const Job& job = world.plan.jobs.at(upstream.job);
    if (!job.enabled) return Stands::skipped;
    const auto record = world.ledger.record_of(job.name).value();
    if (record && record->iced()) return Stands::success;
    if (!upstream.previous) return of_day(job, run.logical_date, run, world);
    const Newest before = newest_before(job, run.logical_date, world);
    if (!before.is_known) return Stands::unknown;
    return before.date ? of_day(job, *before.date, run, world) : Stands::success;
}

Stands own_past(const Job& job, const Run& run, const World& world) {
    const Newest before = newest_before(job, run.logical_date, world);
    if (!before.is_known) return Stands::unknown;
    if (!before.date) return Stands::success;
    const Day day = day_of(job, *before.date, world);
    const auto passes = [](const auto& row) {
        const Run& past = row.second;
        return past.state == State::success || (past.state == State::skipped && past.reason != Reason::overlap);
    };
    const bool all = std::all_of(day.ended.begin(), day.ended.end(), passes);
    return all && !day.has_open && !day.is_to_come ? Stands::success : Stands::pending;
}

struct Counts {
    std::size_t pending = 0, success = 0, skipped = 0, failed = 0;
};

// Source: https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#trigger-rules
Fate fate_of(Trigger trigger, const Counts& n) {
    const auto or_skip = [](bool met) { return met ? Fate::start : Fate::skip; };
    if (trigger == Trigger::always) return Fate::start;
    if (trigger == Trigger::one_success && n.success > 0) return Fate::start;
    if (trigger == Trigger::one_failed && n.failed > 0) return Fate::start;
    if (trigger == Trigger::one_done && n.success + n.failed > 0) return Fate::start;
    if (n.pending > 0) return Fate::wait;
    const bool any_failed = n.failed > 0, any_skipped = n.skipped > 0, any_success = n.success > 0;
    switch (trigger) {
        case Trigger::all_success: return any_failed ? Fate::upstream_failed : or_skip(!any_skipped);
        case Trigger::all_failed: return or_skip(!any_success && !any_skipped);
        case Trigger::all_skipped: return or_skip(!any_success && !any_failed);
        case Trigger::all_done: return Fate::start;
        case Trigger::one_success: return any_failed ? Fate::upstream_failed : Fate::skip;
        case Trigger::one_failed:
        case Trigger::one_done: return Fate::skip;
        case Trigger::none_failed: return any_failed ? Fate::upstream_failed : Fate::start;
        case Trigger::none_failed_min_one_success: return any_failed ? Fate::upstream_failed : or_skip(any_success);
        case Trigger::none_skipped: return or_skip(!any_skipped);
        case Trigger::all_done_min_one_success:
            if (any_skipped) return Fate::skip;
            return any_success ? Fate::start : Fate::upstream_failed;
        case Trigger::always: break;
    }
    return Fate::start;
}

void add_fates(Trigger trigger, const std::vector<Stands>& all, std::size_t from, Counts counts, std::set<Fate>& out) {
    if (from == all.size()) {
        out.insert(fate_of(trigger, counts));
        return;
    }
    for (const Stands one : {Stands::pending, Stands::success, Stands::skipped, Stands::failed}) {
        if (all[from] != one && all[from] != Stands::unknown) continue;
        Counts more = counts;
        more.pending += one == Stands::pending;
        more.success += one == Stands::success;
        more.skipped += one == Stands::skipped;
        more.failed += one == Stands::failed;
        add_fates(trigger, all, from + 1, more, out);
    }
}

}  // namespace

const std::vector<Fire>& FiresOfDates::of(const Plan& plan, const Job& job, Date date) {
    const auto [known, is_new] = known_.try_emplace({job.name, date});
    if (is_new) known->second = planned_fires(job, plan, date, date).value_or(std::vector<Fire>{});
    return known->second;
}

bool is_active(const Run& run) { return run.state == State::running || run.state == State::retrying; }

bool is_held(const Run& run, const World& world) {
    const auto record = world.ledger.record_of(run.job).value();
    return record && record->held() && !run.bypasses_gates;
}

std::set<Fate> fates_by_order(const Job& job, const Run& run, const World& world) {
    std::set<Fate> fates{Fate::start};
    if (job.after) {
        std::vector<Stands> all;
        for (const Upstream& upstream : job.after->upstreams) all.push_back(stands(upstream, run, world));
        fates.clear();
        add_fates(job.after->trigger, all, 0, {}, fates);
    }
    if (!job.depends_on_past || !fates.contains(Fate::start)) return fates;
    const Stands past = own_past(job, run, world);
    if (past != Stands::success) fates.insert(Fate::wait);
    if (past == Stands::pending) fates.erase(Fate::start);
    return fates;
}

// Live runs, also those started by hand, do not wait for caught-up and backfilled ones; the runs of a backfill are
// limited by its width; a run between two attempts keeps its turn.
bool goes_first(const Run& first, const Run& run) {
    const auto is_late = [](const Run& one) {
        return one.origin == Origin::catch_up || one.origin == Origin::backfill;
    };
    if (first.id == run.id || !is_active(first)) return false;
    if (run.state == State::retrying && first.state != State::running) return false;
    if (run.batch != 0 && first.batch == run.batch) return false;
    return is_late(run) || !is_late(first);
}

Seconds delay_after(const Job& job, int failed) {
    double seconds = static_cast<double>(job.retry_delay.count());
    for (int i = 1; i < failed; ++i) seconds *= std::max(job.retry_backoff, 1.0);
    const Seconds delay{std::llround(seconds)};
    return job.retry_max_delay ? std::min(delay, *job.retry_max_delay) : delay;
}

}  // namespace mc::sim
