// dependency.cpp — runs wait for the jobs before them; what these come to spreads, and heals again.
//
// A run that waits is looked at again only when one of the dates that it waits for has changed, so that ten
// thousand of them cost nothing while nothing happens.
#include <fmt/format.h>

#include <algorithm>

#include "config/order.h"
#include "engine/body.h"
#include "engine/present.h"

namespace mc {

namespace {

bool same_date(const Job& job, const std::string& upstream) {
    const auto is_it = [&](const Upstream& u) { return !u.previous && u.job == upstream; };
    return job.after && std::any_of(job.after->upstreams.begin(), job.after->upstreams.end(), is_it);
}

// "waits for prices 2026-11-20 and 2 more"
std::string waiting_for(const std::vector<UpstreamLook>& looks, const Plan& plan) {
    std::size_t pending = 0;
    const UpstreamLook *first = nullptr, *bad = nullptr;
    for (const UpstreamLook& look : looks) {
        if (look.is == UpstreamLook::Is::failed && !bad) bad = &look;
        if (look.is != UpstreamLook::Is::pending) continue;
        if (!first) first = &look;
        ++pending;
    }
    // Its own past has gone wrong: nothing else makes a run wait for what has ended.
    if (!first && bad)
        return fmt::format("waits for its own past: {}; `marketcron rerun {}` runs it again, `mark` judges it",
                           text_of(*bad, plan), bad->run);
    if (!first) return "waits for the jobs before it";
    return fmt::format("waits for {} {}{}", plan.title(first->job), to_string(first->date),
                       pending > 1 ? fmt::format(" and {} more", pending - 1) : "");
}

// What decided against the run: the failed ones, else the skipped.
std::string blame(const std::vector<UpstreamLook>& looks, UpstreamLook::Is is, const Job& job, const Plan& plan) {
    std::string text;
    for (const UpstreamLook& look : looks)
        if (look.is == is) text += (text.empty() ? "" : "; ") + text_of(look, plan);
    if (job.after->trigger != Trigger::all_success)
        text = fmt::format("trigger {}{}{}", to_text(job.after->trigger), text.empty() ? "" : ": ", text);
    return text;
}

// A run between two attempts has begun: its gates were open.
bool may_wait(const Run& run) {
    return (run.state == State::waiting || run.state == State::queued) && !run.past_gates && run.clearing == 0;
}

}  // namespace

bool Engine::Body::has_gates(const Job& job) { return job.after || job.depends_on_past; }

void Engine::Body::note_change(const Run& run) {
    if (ordered.contains(run.job)) changed_days.insert({run.job, run.logical_date});
}

// Until it starts: a job before it may be run again meanwhile.
void Engine::Body::watch(RunId id, std::vector<Watch> days, bool open_now) {
    rouse(id);
    if (const auto known = gates.find(id); known == gates.end() || known->second.days != days) {
        unwatch(id);
        for (const Watch& day : days) watchers[day].insert(id);
    }
    gates.insert_or_assign(id, Gate{std::move(days), open_now, {}});
}

void Engine::Body::unwatch(RunId id) {
    const auto found = gates.find(id);
    if (found == gates.end()) return;
    rouse(id);
    for (const Watch& day : found->second.days) {
        const auto watched = watchers.find(day);
        if (watched == watchers.end()) continue;
        watched->second.erase(id);
        if (watched->second.empty()) watchers.erase(watched);
    }
    gates.erase(found);
    if (gates.empty()) looks.clear();
}

void Engine::Body::sleep(const Run& run) {
    std::optional<Instant>& alarm = gates.at(run.id).alarm;
    alarm = run.deadline;
    if (run.not_after && !run.forced) alarm = std::min(alarm.value_or(*run.not_after), *run.not_after);
    if (alarm) alarms.emplace(*alarm, run.id);
    awake.erase(run.id);
}

void Engine::Body::rouse(RunId id) {
    if (awake.contains(id)) return;
    awake.emplace(id, &open.at(id));
    const auto gate = gates.find(id);
    if (gate != gates.end() && gate->second.alarm) alarms.erase({*std::exchange(gate->second.alarm, {}), id});
}

bool Engine::Body::blocked(const Run& run) const {
    const auto gate = gates.find(run.id);
    return !run.past_gates && gate != gates.end() && !gate->second.open;
}

void Engine::Body::judge_all_again() {
    for (const auto& [id, gate] : gates) rouse(id);
    gates.clear();
    watchers.clear();
    looks.clear();
}

// After a load, an override or an ice every answer may be another one.
void Engine::Body::forget_gates() {
    judge_all_again();
    changed_days.clear();
    dependents = dependents_of(*plan);
    ordered.clear();
    for (const auto& [name, unused] : dependents) ordered.insert(name);
    for (const auto& [name, job] : plan->jobs)
        if (job.depends_on_past) ordered.insert(name);
}

// Whoever waits for a date that has changed is looked at again, with those that wait for the date before: a
// newer one may have come between.
std::set<RunId> Engine::Body::concerned() {
    std::set<RunId> concerned;
    for (const Day& day : changed_days) {
        const std::string& job = day.first;
        const Date date = day.second;
        looks.erase({job, Asks::same_date, date});
        if (const auto at = watchers.find({job, Asks::same_date, date}); at != watchers.end())
            concerned.insert(at->second.begin(), at->second.end());
        for (const Asks asks : {Asks::previous, Asks::own_past}) {
            const auto are_alike = [&](const auto& key) { return std::get<0>(key) == job && std::get<1>(key) == asks; };
            auto later = looks.lower_bound({job, asks, date + date::days{1}});
            while (later != looks.end() && are_alike(later->first) && later->second.date <= date)
                later = looks.erase(later);
            auto at = watchers.upper_bound({job, asks, date});
            for (bool is_older = false; !is_older && at != watchers.begin() && are_alike(std::prev(at)->first);) {
                --at;
                is_older = std::get<2>(at->first) < date;
                for (const RunId id : at->second) {
                    const auto run = open.find(id);
                    if (run != open.end() && run->second.logical_date > date) concerned.insert(id);
                }
            }
        }
    }
    changed_days.clear();
    return concerned;
}

PlannedDays& Engine::Body::days() {
    if (!planned_days || planned_days->plan() != plan) planned_days.emplace(plan);
    return *planned_days;
}

History Engine::Body::history_by(const Ledger& present) { return {*plan, present, *planned_through, &days()}; }

UpstreamLook Engine::Body::look(const Upstream& upstream, const Run& run, const Ledger& present) {
    const auto key = std::tuple{upstream.job, upstream.previous ? Asks::previous : Asks::same_date, run.logical_date};
    auto known = looks.find(key);
    if (known == looks.end()) {
        const History history = history_by(present);
        known = looks.emplace(key, look_at(upstream, run.logical_date, history)).first;
    }
    UpstreamLook seen = known->second;
    if (run.assume_upstream && seen.by == UpstreamLook::By::no_run) seen.is = UpstreamLook::Is::success;
    return seen;
}

UpstreamLook Engine::Body::look_back(const Job& job, const Run& run, const Ledger& present) {
    const auto key = std::tuple{job.name, Asks::own_past, run.logical_date};
    const auto known = looks.find(key);
    if (known != looks.end()) return known->second;
    const History history = history_by(present);
    return looks.emplace(key, look_at_past(job, run.logical_date, history)).first->second;
}

void Engine::Body::judge_gates() {
    if (!ordered.empty() || !gates.empty())
        for (const auto& [id, run] : awake) {
            if (!may_wait(*run) || gates.contains(id)) continue;
            const Job* job = job_of(*run);
            if (job && has_gates(*job) && !holds_back(*run)) to_judge.insert(id);
        }
    for (;;) {
        heal();
        to_judge.merge(concerned());
        if (to_judge.empty() && succeeded.empty()) return;
        if (to_judge.empty()) continue;
        const RunId id = *to_judge.begin();
        to_judge.erase(to_judge.begin());
        const auto found = open.find(id);
        const bool waits = found != open.end() && may_wait(found->second) && !holds_back(found->second);
        const Job* job = waits ? job_of(found->second) : nullptr;
        if (job) judge_gate(*job, found->second);
        else unwatch(id);
    }
}

void Engine::Body::judge_gate(const Job& job, Run& run) {
    const Present present(*this);
    std::vector<UpstreamLook> seen;
    if (job.after)
        for (const Upstream& upstream : job.after->upstreams) seen.push_back(look(upstream, run, present));
    Verdict verdict = job.after ? judge(job.after->trigger, seen) : Verdict::start;
    if (verdict == Verdict::skip)
        return finish(run, State::skipped, Reason::upstream_skipped,
                      blame(seen, UpstreamLook::Is::skipped, job, *plan));
    if (verdict == Verdict::upstream_failed) {
        finish(run, State::upstream_failed, Reason::upstream_failed, blame(seen, UpstreamLook::Is::failed, job, *plan));
        return fell(run, seen);
    }
    if (job.depends_on_past) {
        seen.push_back(look_back(job, run, present));
        if (seen.back().is != UpstreamLook::Is::success) verdict = Verdict::wait;
    }
    std::vector<Watch> days;
    for (std::size_t i = 0; i < seen.size(); ++i) {
        const bool is_upstream = job.after && i < job.after->upstreams.size();
        const bool is_previous = is_upstream && job.after->upstreams[i].previous;
        const Asks asks = !is_upstream ? Asks::own_past : is_previous ? Asks::previous : Asks::same_date;
        days.emplace_back(seen[i].job, asks, seen[i].date);
    }
    watch(run.id, std::move(days), verdict == Verdict::start);
    if (verdict == Verdict::start) {
        if (run.reason != Reason::dependency) return;
        run.state = State::queued;
        run.reason = Reason::none;
        run.detail.clear();
        return touch(run);
    }
    stop_sensing(run);
    std::string detail = waiting_for(seen, *plan);
    if (run.state == State::waiting && run.reason == Reason::dependency && run.detail == detail) return;
    run.state = State::waiting;
    run.reason = Reason::dependency;
    run.detail = std::move(detail);
    touch(run);
}

// Also when it was skipped after all: under some rules that is no failure either. A row for several fires counts for
// every date that it may have.
void Engine::Body::heals(const Run& run) {
    const bool ended_well = run.state == State::success || run.state == State::skipped;
    if (!ended_well || !ordered.contains(run.job)) return;
    succeeded.emplace(run.job, run.logical_date);
    if (run.fires == 1) return;
    judge_all_again();
    const Job& job = plan->jobs.at(run.job);
    const date::days off = days_off(job, *plan);
    const auto date_of_fire = [&](Instant fire) { return date_of(job.schedule.zone->to_wall(fire)); };
    const Date last = date_of_fire(run.last_fire.value_or(run.fire)) + off;
    for (Date date = date_of_fire(run.fire) - off; date <= last; date += date::days{1})
        succeeded.emplace(run.job, date);
}

// The upstream's dependent's runs, however old, that ended as upstream_failed and see one of these dates.
void Engine::Body::add_hanging(const Job& job, const Upstream& upstream, const std::set<Date>& dates,
                               std::map<std::pair<Instant, RunId>, Run>& hanging) {
    const Present present(*this);
    const Date first = *dates.begin(), last = *dates.rbegin();
    const bool is_one = !upstream.previous && dates.size() == 1;
    const Date after = upstream.previous ? first : first - date::days{1};
    auto runs = is_one ? present.by_date(job.name, first) : present.upstream_failed_after(job.name, after);
    for (Run& run : runs) {
        if (run.state != State::upstream_failed) continue;
        const Date date =
            upstream.previous ? look_at(upstream, run.logical_date, history_by(present)).date : run.logical_date;
        if (date > last) return;  // as all after it
        if (upstream.previous || dates.contains(date)) hanging.try_emplace({run.fire, run.id}, std::move(run));
    }
}

// Runs that ended because of a job before them wait again once that one has succeeded after all.
void Engine::Body::heal() {
    if (succeeded.empty()) return;
    std::map<std::string, std::set<Date>> healers;
    for (const auto& [job, date] : std::exchange(succeeded, {})) healers[job].insert(date);
    const Present present(*this);
    std::map<std::pair<Instant, RunId>, Run> hanging;
    for (const auto& [name, dates] : healers)
        if (const auto after = dependents.find(name); after != dependents.end())
            for (const Job* job : after->second)
                for (const Upstream& upstream : job->after->upstreams)
                    if (upstream.job == name && job->enabled) add_hanging(*job, upstream, dates, hanging);
    for (const auto& [order, ended] : hanging) {
        const Job& job = plan->jobs.at(ended.job);
        std::vector<UpstreamLook> seen;
        for (const Upstream& upstream : job.after->upstreams)
            seen.push_back(look_at(upstream, ended.logical_date, history_by(present)));
        if (judge(job.after->trigger, seen) == Verdict::upstream_failed) continue;
        // Late by now, it makes no live fire wait.
        const bool is_late = ended.origin == Origin::live && now.wall - ended.fire > job.grace;
        Run& again = reopen(ended, is_late ? Origin::catch_up : ended.origin);
        again.deadline = ended.deadline;
        if (iced.contains(ended.job)) {
            finish(again, State::skipped, Reason::iced, iced_detail(records.at(ended.job)));
            succeeded.emplace(ended.job, ended.logical_date);
            continue;
        }
        if (ends_by_when(job, again)) continue;
        again.state = State::waiting;
        again.reason = Reason::dependency;
        again.detail = "a job before it has succeeded after all";
        to_judge.insert(again.id);
    }
}

// A job without a schedule gets its run for a date with the first live or caught-up one of a job before it.
void Engine::Body::give_dependents(const Run& first) {
    std::vector<const Run*> given{&first};
    for (std::size_t i = 0; i < given.size(); ++i) {
        const Run& run = *given[i];
        const auto found = dependents.find(run.job);
        if (found == dependents.end()) continue;
        for (const Job* job : found->second) {
            if (job->has_schedule() || !job->enabled || !same_date(*job, run.job)) continue;
            Fire fire = fire_of_date(*job, run.logical_date, run.fire, *plan->calendars);
            if (Present(*this).by_key(job->name, fire.key)) continue;
            if (const auto& due = days().of(*job, fire.logical_date); due && !due->empty()) fire.due = due->front().due;
            given.push_back(&give(*job, fire, run.origin));
        }
    }
}

bool Engine::Body::ends_by_when(const Job& job, Run& run) {
    const auto holds = when_holds(job, *plan->calendars, run.logical_date);
    if (holds && *holds) return false;
    if (!holds) finish(run, State::failed, Reason::calendar_ended, holds.error().sentence());
    else finish(run, State::skipped, Reason::when_false, job.schedule.when->text());
    return true;
}

Run& Engine::Body::give(const Job& job, const Fire& fire, Origin origin) {
    Run& run = insert(make_run(job, fire, origin, *plan->calendars));
    if (iced.contains(job.name)) {
        finish(run, State::skipped, Reason::iced, iced_detail(records.at(job.name)));
        return run;
    }
    if (ends_by_when(job, run)) return run;
    if (job.latest_only && origin == Origin::catch_up) {
        const Date today = date_of(job.schedule.zone->to_wall(now.wall));
        const auto newer =
            planned_fires(job, *plan, fire.logical_date + date::days{1}, std::max(today, fire.logical_date));
        const auto is_due = [&](const Fire& f) {
            return f.due <= now.wall && when_holds(job, *plan->calendars, f.logical_date).value_or(false);
        };
        if (newer && std::any_of(newer->begin(), newer->end(), is_due))
            finish(run, State::skipped, Reason::latest_only);
    }
    return run;
}

}  // namespace mc
