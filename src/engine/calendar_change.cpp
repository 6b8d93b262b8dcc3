// calendar_change.cpp — a calendar is changed while the daemon runs: fires move, and none is lost.
#include <fmt/format.h>

#include <algorithm>

#include "config/job_parts.h"
#include "engine/body.h"
#include "engine/present.h"

namespace mc {

namespace {

// A change is of one day, and a session's fires are within days of it.
constexpr Seconds around{8LL * 86400};
constexpr std::size_t fires_at_most = 5000;

struct Moves {
    std::vector<Fire> overdue;  // were to come, and would have been by now
    std::size_t moved = 0, gone = 0, added = 0;
};

Moves compare(const Job& before, const CalendarSet& old, const Job& after, const CalendarSet& changed, Instant now,
              const Ledger& ledger) {
    Moves moves;
    const auto was = fires_between(before.schedule, old, now, now + around, fires_at_most);
    const auto is = fires_between(after.schedule, changed, now - around, now + around, 2 * fires_at_most);
    if (!was || !is) return moves;
    std::map<std::string, Instant> to_come;
    for (const Fire& fire : *was) to_come.emplace(fire.key, fire.due);
    for (const Fire& fire : *is) {
        if (fire.due <= now && !to_come.contains(fire.key)) continue;
        if (ledger.by_key(after.name, fire.key)) continue;  // it has run, and does not again
        const auto known = to_come.find(fire.key);
        if (known == to_come.end()) {
            // At the far end of what was looked at, one may have come into sight.
            if (to_come.empty() || fire.due < was->back().due) ++moves.added;
            continue;
        }
        if (known->second != fire.due) ++moves.moved;
        if (fire.due <= now) moves.overdue.push_back(fire);
        to_come.erase(known);
    }
    for (const auto& [key, due] : to_come)
        if (is->empty() || due < is->back().due) ++moves.gone;
    return moves;
}

}  // namespace

// A run that has not begun, and whose fire the calendars had and have no more, ends; undoing does not revive it.
void Engine::Body::drop_what_fell_away(const Plan& old) {
    const auto has_fire = [](const Job& job, const CalendarSet& calendars, const Run& run) -> std::optional<bool> {
        const auto fires = fires_between(job.schedule, calendars, run.fire - around, run.fire + around, fires_at_most);
        if (!fires || fires->size() >= fires_at_most) return std::nullopt;
        return std::any_of(fires->begin(), fires->end(), [&](const Fire& fire) { return fire.key == run.key; });
    };
    for (auto& [id, run] : open) {
        const bool of_schedule = run.origin == Origin::live || run.origin == Origin::catch_up;
        if (finished(run.state) || started(run) || !of_schedule || run.past_gates) continue;
        const auto before = old.jobs.find(run.job), job = plan->jobs.find(run.job);
        if (before == old.jobs.end() || job == plan->jobs.end() || calendars_named(job->second.schedule).empty())
            continue;
        if (has_fire(before->second, *old.calendars, run) == true &&
            has_fire(job->second, *plan->calendars, run) == false)
            finish(run, State::skipped, Reason::no_fire, "its calendar has changed");
    }
}

void Engine::Body::calendar_changed(const CalendarChanged& changed) {
    const auto old = plan;
    std::map<std::string, std::vector<Fire>> overdue;
    Moves all;
    for (const auto& [name, job] : changed.plan->jobs) {
        const auto before = old->jobs.find(name);
        if (before == old->jobs.end() || !job.enabled || calendars_named(job.schedule).empty()) continue;
        Moves moves = compare(before->second, *old->calendars, job, *changed.plan->calendars, now.wall, Present(*this));
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
    std::string text = fmt::format("{}: ", changed.text);
    text +=
        all.moved + all.gone + all.added == 0
            ? std::string("no fire of the next days moves")
            : fmt::format("of the next days' fires {} move, {} fall away, {} are new", all.moved, all.gone, all.added);
    if (!due.empty()) text += fmt::format("; run {} is due now", fmt::join(due, ", "));
    reply(true, std::move(text), std::move(due));
}

}  // namespace mc
