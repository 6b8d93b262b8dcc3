// calendar_change.cpp — a calendar is changed while the daemon runs: fires move, and none is lost.
#include <fmt/format.h>

#include <algorithm>

#include "config/job_parts.h"
#include "engine/body.h"
#include "engine/present.h"
#include "schedule/fire_pairs.h"

namespace mc {

namespace {

// The reply counts so far from now, and around the day that changed; and a run that waits is looked for so far around
// its fire.
constexpr Seconds around{8LL * 86400};

struct Moves {
    std::vector<Fire> overdue;  // were to come, and would have been by now
    std::size_t moved = 0, gone = 0, added = 0;
};

// Fires due in (after, until] are counted.
struct Span {
    Instant after, until;
};

bool is_far(std::optional<Date> changed, Instant now) {
    return changed && Instant{changed->time_since_epoch()} > now + around;
}

// The time from now on, and that around the day: what lies between costs much where fires are dense, and does not move.
std::vector<Span> spans_of(Instant now, Seconds ahead, std::optional<Date> changed) {
    std::vector<Span> spans{{now, now + ahead}};
    if (!is_far(changed, now)) return spans;
    const Instant day{changed->time_since_epoch()};
    spans.push_back({std::max(now + ahead, day - ahead), day + ahead});
    return spans;
}

// Adds to `moves`, however many fires there are: an overlooked one would have no row. Error: as each_fire_pair; what was
// found before it is in `moves`.
Result<void> compare(const Fires& was, const Fires& is, const std::string& job, const CalendarChanged& changed,
                     Instant now, const Ledger& ledger, Moves& moves) {
    const Seconds reach = pair_reach(was, is), ahead = std::max(around, reach);
    Span span{};
    const auto take = [&](const FirePair& pair) {
        const Instant due = pair.before ? pair.before->due : pair.after->due;
        if (due <= span.after || due > span.until) return;  // was due already, or was never to be; or is far away
        const std::string& key = pair.before ? pair.before->key : pair.after->key;
        if (!key.empty() && ledger.by_key(job, key)) return;  // it has run, and does not again
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
    if (none) return fmt::format("no fire of the next days{} moves", day);
    return fmt::format("{} {} move, {} fall away, {} are new",
                       day.empty() ? "of the next days' fires" : fmt::format("of the fires of the next days{}", day),
                       all.moved, all.gone, all.added);
}

// Of the keys those of which the schedule has no fire in (from, until]. A day at a time: a dense one has very many.
Result<std::set<std::string>> without_fire(const JobSchedule& schedule, const CalendarSet& calendars,
                                           std::set<std::string> keys, Instant from, Instant until) {
    constexpr Seconds day{86400};
    for (Instant at = from; at < until && !keys.empty(); at += day) {
        const auto fires = fires_between(schedule, calendars, at, std::min(at + day, until));
        if (!fires) return tl::unexpected(fires.error());
        for (const Fire& fire : *fires) keys.erase(fire.key);
    }
    return keys;
}

}  // namespace

// A run that has not begun, and whose fire the calendars had and have no more, ends; undoing does not revive it.
void Engine::Body::drop_what_fell_away(const Plan& old) {
    struct Waiting {
        std::map<std::string, RunId> runs;  // by key
        Instant first, last;
    };
    std::map<std::string, Waiting> by_job;
    for (const auto& [id, run] : open) {
        const bool of_schedule = run.origin == Origin::live || run.origin == Origin::catch_up;
        if (finished(run.state) || started(run) || !of_schedule || run.past_gates) continue;
        const auto [at, is_new] = by_job.try_emplace(run.job, Waiting{{}, run.fire, run.fire});
        at->second.first = std::min(at->second.first, run.fire);
        at->second.last = std::max(at->second.last, run.fire);
        at->second.runs.emplace(run.key, id);
    }
    for (const auto& [name, waiting] : by_job) {
        const auto before = old.jobs.find(name), job = plan->jobs.find(name);
        if (before == old.jobs.end() || job == plan->jobs.end() || calendars_named(job->second.schedule).empty())
            continue;
        const JobSchedule &was = before->second.schedule, &is = job->second.schedule;
        const Seconds reach = std::max(around, pair_reach({&was, old.calendars.get()}, {&is, plan->calendars.get()}));
        const Instant from = waiting.first - reach, until = waiting.last + reach;
        std::set<std::string> keys;
        for (const auto& [key, id] : waiting.runs) keys.insert(key);
        const auto gone = without_fire(is, *plan->calendars, keys, from, until);
        if (!gone || gone->empty()) continue;
        const auto never = without_fire(was, *old.calendars, *gone, from, until);
        if (!never) continue;
        for (const std::string& key : *gone)
            if (!never->contains(key))
                finish(open.at(waiting.runs.at(key)), State::skipped, Reason::no_fire, "its calendar has changed");
    }
}

void Engine::Body::calendar_changed(const CalendarChanged& changed) {
    const auto old = plan;
    std::map<std::string, std::vector<Fire>> overdue;
    Moves all;
    std::vector<std::string> unknown;
    for (const auto& [name, job] : changed.plan->jobs) {
        const auto before = old->jobs.find(name);
        if (before == old->jobs.end() || !job.enabled || calendars_named(job.schedule).empty()) continue;
        Moves moves;
        const Fires was{&before->second.schedule, old->calendars.get()};
        const Fires is{&job.schedule, changed.plan->calendars.get()};
        const auto compared = compare(was, is, name, changed, now.wall, Present(*this), moves);
        // Any other error: the calendar is unknown, and nothing of the job fires.
        if (!compared && compared.error().kind == Error::Kind::refused) unknown.push_back(compared.error().what);
        all.moved += moves.moved;
        all.gone += moves.gone;
        all.added += moves.added;
        if (!moves.overdue.empty()) overdue[name] = std::move(moves.overdue);
    }
    batch.operator_note = changed.note;
    load({changed.plan});
    drop_what_fell_away(*old);
    std::vector<RunId> due;
    for (const auto& [name, fires] : overdue)
        for (const Fire& fire : fires) {
            if (Present(*this).by_key(name, fire.key)) continue;
            const Job& job = plan->jobs.at(name);
            if (iced.contains(name)) {
                skip_as_iced(job, {fire}, *plan->calendars);
                continue;
            }
            Run& run = insert(make_run(job, fire, Origin::live, *plan->calendars));
            due.push_back(run.id);
            live_fire(job, run, true);
            give_dependents(run);
        }
    std::string text = fmt::format("{}: {}", changed.text, moves_text(all, changed.date, now.wall));
    if (!unknown.empty()) text += fmt::format("; some fires were not compared: {}", fmt::join(unknown, ", "));
    if (!due.empty()) text += fmt::format("; run {} is due now", fmt::join(due, ", "));
    reply(true, std::move(text), std::move(due));
}

}  // namespace mc
