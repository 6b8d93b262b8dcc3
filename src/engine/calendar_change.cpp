// calendar_change.cpp — a calendar changes while the daemon runs: fires move, and none is lost.
#include <fmt/format.h>

#include <algorithm>

#include "config/job_parts.h"
#include "engine/fresh_run.h"
#include "engine/planner.h"
#include "schedule/fire_pairs.h"

namespace mc {

namespace {

// The range in which the reply counts fires: from now on, and before and after the changed day. Also the range around
// the fire of a waiting run in which the fire is searched for.
constexpr Seconds around{8LL * 86400};

struct Moves {
    std::vector<Fire> overdue;  // were in the future by the old calendar, and are in the past by the new one
    std::size_t moved = 0, gone = 0, added = 0;
};

// Counts fires due in (after, until].
struct Span {
    Instant after, until;
};

bool is_far(std::optional<Date> changed, Instant now) {
    return changed && Instant{changed->time_since_epoch()} > now + around;
}

// From now on, and around the day. The time between is left out: no fire in it moves, and dense fires cost much time.
std::vector<Span> spans_of(Instant now, Seconds ahead, std::optional<Date> changed) {
    std::vector<Span> spans{{now, now + ahead}};
    if (!is_far(changed, now)) return spans;
    const Instant day{changed->time_since_epoch()};
    spans.push_back({std::max(now + ahead, day - ahead), day + ahead});
    return spans;
}

// Adds to `moves`, without a limit on the number of fires: an overlooked fire would have no row. Error: as
// each_fire_pair(); `moves` then has what was found before the error.
Result<void> compare(const mc::Fires& was, const mc::Fires& is, const JobName& job, const CalendarChanged& changed,
                     Instant now, Past& past, Moves& moves) {
    const Seconds reach = pair_reach(was, is), ahead = std::max(around, reach);
    Span span{};
    const auto take = [&](const FirePair& pair) {
        const Instant due = pair.before ? pair.before->due : pair.after->due;
        if (due <= span.after || due > span.until) return;  // was already due, or is outside the span
        const FireKey& key = pair.before ? pair.before->key : pair.after->key;
        if (!key.empty() && past.by_key(job, key)) return;  // it has run, and does not run again
        if (!pair.one_run) {
            if (pair.before) ++moves.gone;
            if (pair.after && pair.after->due > now) ++moves.added;
            return;
        }
        if (pair.before->due != pair.after->due) ++moves.moved;
        if (pair.after->due <= now) moves.overdue.push_back(*pair.after);
    };
    for (const Span& one : spans_of(now, ahead, changed.date)) {
        span = one;
        if (auto done = each_fire_pair(was, is, span.after - ahead - reach, span.until + reach, take); !done)
            return done;
    }
    return {};
}

std::string moves_text(const Moves& all, std::optional<Date> changed, Instant now) {
    const bool none = all.moved + all.gone + all.added == 0;
    const std::string day = is_far(changed, now) ? fmt::format(" and around {}", to_string(*changed)) : "";
    if (none) return fmt::format("no fire in the next days{} changes", day);
    return fmt::format("{} moved, {} dropped, {} added (fires in the next days{})", all.moved, all.gone, all.added,
                       day);
}

// Returns the keys for which the schedule has no fire in (from, until]. Works day by day, because a dense schedule has
// very many fires.
Result<std::set<FireKey>> without_fire(const JobSchedule& schedule, const CalendarSet& calendars,
                                       std::set<FireKey> keys, Instant from, Instant until) {
    constexpr Seconds day{86400};
    for (Instant at = from; at < until && !keys.empty(); at += day) {
        const auto fires = fires_between(schedule, calendars, at, std::min(at + day, until));
        if (!fires) return tl::unexpected(fires.error());
        for (const Fire& fire : *fires) keys.erase(fire.key);
    }
    return keys;
}

}  // namespace

// Ends runs that have not started and whose fire the new calendars do not have. Undoing the change does not revive
// them.
void Planner::end_runs_without_fire(const Plan& old) {
    struct Waiting {
        std::map<FireKey, RunId> runs;  // by key
        Instant first, last;
    };
    std::map<JobName, Waiting> by_job;
    for (const auto& [id, run] : book_.runs()) {
        const bool of_schedule = run.origin == Origin::live || run.origin == Origin::catch_up;
        if (finished(run.state) || started(run) || !of_schedule || run.bypasses_gates) continue;
        const auto [at, is_new] = by_job.try_emplace(run.job, Waiting{{}, run.fire, run.fire});
        at->second.first = std::min(at->second.first, run.fire);
        at->second.last = std::max(at->second.last, run.fire);
        at->second.runs.emplace(run.key, id);
    }
    for (const auto& [name, waiting] : by_job) {
        const auto before = old.jobs.find(name);
        const Job* job = jobs_.planned(name);
        if (before == old.jobs.end() || !job || calendars_named(job->schedule).empty()) continue;
        const mc::Fires was{&before->second.schedule, old.calendars.get()}, is{&job->schedule, &jobs_.calendars()};
        const Seconds reach = std::max(around, pair_reach(was, is));
        const Instant from = waiting.first - reach, until = waiting.last + reach;
        std::set<FireKey> keys;
        for (const auto& [key, id] : waiting.runs) keys.insert(key);
        const auto gone = without_fire(*is.schedule, *is.calendars, keys, from, until);
        if (!gone || gone->empty()) continue;
        const auto never = without_fire(*was.schedule, *was.calendars, *gone, from, until);
        if (!never) continue;
        for (const FireKey& key : *gone)
            if (!never->contains(key))
                endings_.finish(book_.at(waiting.runs.at(key)), State::skipped,
                                {Reason::no_fire, "its calendar has changed"});
    }
}

void Planner::calendar_changed(const CalendarChanged& changed) {
    const std::shared_ptr<const Plan> old = jobs_.shared_plan();
    const Instant now = step_.now.wall;
    std::map<JobName, std::vector<Fire>> overdue;
    Moves all;
    std::vector<std::string> unknown;
    for (const auto& [name, job] : changed.plan->jobs) {
        const auto before = old->jobs.find(name);
        if (before == old->jobs.end() || !job.enabled || calendars_named(job.schedule).empty()) continue;
        Moves moves;
        const mc::Fires was{&before->second.schedule, old->calendars.get()};
        const mc::Fires is{&job.schedule, changed.plan->calendars.get()};
        const auto compared = compare(was, is, name, changed, now, past_, moves);
        // Any other error: the calendar is unknown, and the job does not fire.
        if (!compared && compared.error().kind == Error::Kind::refused) unknown.push_back(compared.error().what);
        all.moved += moves.moved;
        all.gone += moves.gone;
        all.added += moves.added;
        if (!moves.overdue.empty()) overdue[name] = std::move(moves.overdue);
    }
    step_.batch.operator_note = changed.note;
    load({changed.plan});
    end_runs_without_fire(*old);
    std::vector<RunId> due = run_overdue(overdue);
    std::string text = fmt::format("{}: {}", changed.text, moves_text(all, changed.date, now));
    if (!unknown.empty()) text += fmt::format("; some fires were not compared: {}", fmt::join(unknown, ", "));
    if (!due.empty()) text += fmt::format("; run {} is due now", fmt::join(due, ", "));
    step_.done(std::move(text), std::move(due));
}

std::vector<RunId> Planner::run_overdue(const std::map<JobName, std::vector<Fire>>& overdue) {
    std::vector<RunId> due;
    for (const auto& [name, fires] : overdue)
        for (const Fire& fire : fires) {
            if (past_.by_key(name, fire.key)) continue;
            const Job& job = *jobs_.planned(name);
            if (records_.is_iced(name)) {
                skip_as_iced(job, {fire}, jobs_.calendars());
                continue;
            }
            const Run& run = book_.insert(make_run(job, fire, Origin::live, jobs_.calendars()));
            due.push_back(run.id);
            admission_.arrive(job, run, Follows::another_fire);
            create_dependent_runs(run);
        }
    return due;
}

}  // namespace mc
