// operator.cpp — what a person asks for: start, stop, backfill.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "base/suggest.h"
#include "config/size.h"
#include "engine/backfill.h"
#include "engine/body.h"
#include "engine/present.h"

namespace mc {

namespace {

// What a run started by hand is for: as a fire at this instant would be; a job of session events takes
// the session of today, or the last one before.
Fire fire_by_hand(const Job& job, const CalendarSet& calendars, Instant now) {
    const JobSchedule& schedule = job.schedule;
    Fire fire;
    fire.due = now;
    fire.date = fire.logical_date = date_of(schedule.zone->to_wall(now));
    const std::string name = session_calendar(schedule, "start ");
    if (name.empty()) return fire;
    const auto calendar = calendars.find(name);
    if (!calendar) return fire;
    const auto own = (*calendar)->nth_from(fire.date, 0);
    const Session* session = own ? *own : nullptr;
    const bool by_session = !schedule.schedules.empty() &&
                            !std::holds_alternative<CronExpr>(schedule.schedules.front()) &&
                            !std::holds_alternative<Every>(schedule.schedules.front());
    if (!session && by_session)
        if (const auto before = (*calendar)->nth_from(fire.date, -1)) session = *before;
    if (schedule.run_for.kind == RunFor::Kind::trading_session)
        if (const auto trading = (*calendar)->trading_session(now)) session = *trading;
    if (schedule.run_for.kind == RunFor::Kind::session_offset)
        if (const auto moved = (*calendar)->nth_from(session ? session->date : fire.date, schedule.run_for.offset))
            session = *moved;
    if (session && (by_session || schedule.run_for.kind != RunFor::Kind::date)) {
        fire.session = session->date;
        fire.logical_date = session->date;
    }
    return fire;
}

// Puts a row back to the start of its life.
void reset(Run& run) {
    run.state = State::queued;
    run.reason = Reason::none;
    run.detail.clear();
    run.attempts_before = run.attempt;
    run.started.reset();
    run.finished.reset();
    run.exit_code.reset();
    run.signal.reset();
    run.past_gates = false;
    run.sensing_since.reset();
}

// A start by hand, whatever run it is for.
// As in the file: such a run would wait until nothing else runs, and keep every other claim waiting.
std::optional<Error> claims_too_much(const StartOnly& only, const Plan& plan) {
    const auto capacity = plan.daemon.capacity_memory;
    if (!only.memory || !capacity || *only.memory <= *capacity) return {};
    return Error{Error::Kind::usage,
                 fmt::format("{} is more memory than `capacity` of [daemon] has, {}", size_text(*only.memory),
                             size_text(*capacity)),
                 "claim less",
                 {}};
}

std::string start_text(const Job& job, RunId id, const StartAsked& asked) {
    return fmt::format("run {} of {} for {} starts{}", id, job.shown(), to_string(*asked.date),
                       asked.gates ? " once nothing keeps it waiting" : "");
}

void let_start(Run& run, const StartAsked& asked) {
    run.forced = asked.force;
    run.past_gates = !asked.gates;
    if (run.past_gates) run.not_before.reset();
    if (asked.only != StartOnly{}) run.start_only = asked.only;
}

}  // namespace

Fire fire_of(const Run& run) {
    Fire fire;
    fire.due = run.fire;
    fire.key = run.key;
    fire.date = fire.logical_date = run.logical_date;
    fire.session = run.session;
    return fire;
}

Run& Engine::Body::reopen(const Run& ended, Origin origin) {
    owed.erase(ended.id);
    Run& run = open.insert_or_assign(ended.id, ended).first->second;
    index(run);
    reset(run);
    run.origin = origin;
    run.not_before = run.not_after = run.deadline = std::nullopt;
    if (const auto job = plan->jobs.find(run.job); job != plan->jobs.end()) {
        const Run anew = make_run(job->second, fire_of(run), origin, *plan->calendars);
        run.not_before = anew.not_before;
        run.not_after = anew.not_after;
        run.deadline = anew.deadline;
    }
    note_change(run);
    touch(run);
    return run;
}

const Job* Engine::Body::job_asked(const std::string& name) {
    const auto found = plan->jobs.find(name);
    if (found != plan->jobs.end()) return &found->second;
    std::vector<std::string> names;
    for (const auto& [known, job] : plan->jobs) names.push_back(known);
    refuse({Error::Kind::usage, fmt::format("unknown job {}", name), did_you_mean(name, names), {}});
    return nullptr;
}

void Engine::Body::tell_when_false(const Job& job, const Run& run) {
    const std::string name = fmt::format("run {} of {} for {}", run.id, job.shown(), to_string(run.logical_date));
    if (run.reason != Reason::when_false) return reply(false, fmt::format("{} failed: {}", name, run.detail), {run.id});
    reply(true,
          fmt::format("{} is skipped (when_false): `{}` is false; `marketcron rerun {} --force` runs it", name,
                      run.detail, run.id),
          {run.id});
}

// A run of its own, now.
void Engine::Body::start_without_date(const Job& job, const StartAsked& asked) {
    Run run = make_run(job, fire_by_hand(job, *plan->calendars, now.wall), Origin::start, *plan->calendars);
    run.key = fmt::format("start {}", last_run + 1);
    let_start(run, asked);
    run.deadline.reset();
    if (run.not_after && *run.not_after <= now.wall && !asked.force)
        return reply(false, fmt::format("{} may not start after {}; --force starts it all the same", job.shown(),
                                        local_text(*run.not_after, *job.schedule.zone)));
    Run& made = insert(std::move(run));
    if (asked.gates && ends_by_when(job, made)) return tell_when_false(job, made);
    const char* when = draining ? "; the daemon ends, and the next one starts it" : "";
    reply(true, fmt::format("run {} of {} is queued{}", made.id, job.shown(), when), {made.id});
}

void Engine::Body::start_asked(const StartAsked& asked) {
    const Job* known = job_asked(asked.job);
    if (!known) return;
    const Job& job = *known;
    if (const auto error = claims_too_much(asked.only, *plan)) return refuse(*error);
    batch.operator_note =
        fmt::format("start {}{} by {}", job.shown(), asked.date ? " " + to_string(*asked.date) : "", asked.by);

    if (!asked.date) return start_without_date(job, asked);

    // Its earliest unfinished run of that date ...
    for (const RunId id : open_by_job[job.name]) {
        Run& run = open.at(id);
        if (run.logical_date != *asked.date || run.state == State::running || finished(run.state)) continue;
        if (!seen_by_others(run)) continue;  // a start without a date is not this date's run
        if (run.clearing != 0) return reply(false, fmt::format("run {} of {} is being cleared", id, job.shown()));
        if (run.not_after && *run.not_after <= now.wall && !asked.force)
            return reply(false, fmt::format("run {} may not start after {}; --force starts it all the same", id,
                                            local_text(*run.not_after, *job.schedule.zone)));
        let_start(run, asked);
        if (asked.gates && ends_by_when(job, run)) return tell_when_false(job, run);
        if (run.past_gates && run.state == State::waiting) run.state = State::queued;
        touch(run);
        return reply(true, start_text(job, id, asked), {id});
    }
    start_new(job, asked);  // ... or a new one
}

// As in a backfill. Past its gates nothing is asked of its upstreams; unlike a backfill's it obeys not_after.
Run& Engine::Body::take(const BackfillItem& item) {
    if (!item.before) return insert(make_run(plan->jobs.at(item.job), item.fire, Origin::backfill, *plan->calendars));
    Run before = *item.before;
    before.fire = item.fire.due;
    return reopen(before);
}

void Engine::Body::start_new(const Job& job, const StartAsked& asked) {
    using Upstreams = BackfillAsked::Upstreams;
    const Upstreams upstreams = asked.gates ? Upstreams::told : Upstreams::assumed;
    auto items = plan_backfill(*plan, Present(*this),
                               {{job.name}, *asked.date, *asked.date, {}, 1, asked.by, upstreams}, now.wall);
    if (!items) {
        Error error = std::move(items).error();
        if (error.kind == Error::Kind::refused) error.hint = "backfill that first, or start it without --gates";
        return refuse(error);
    }
    for (const BackfillItem& item : *items) {
        if (!item.chosen && item.skipped != Reason::when_false) continue;
        const auto not_after = make_run(job, item.fire, Origin::live, *plan->calendars).not_after;
        if (not_after && *not_after <= now.wall && !asked.force)
            return reply(false,
                         fmt::format("{} may not start for {} after {}; --force starts it all the same", job.shown(),
                                     to_string(*asked.date), local_text(*not_after, *job.schedule.zone)));
        Run& run = take(item);
        run.not_after = not_after;
        let_start(run, asked);
        if (asked.gates && ends_by_when(job, run)) return tell_when_false(job, run);
        return reply(true, start_text(job, run.id, asked), {run.id});
    }
    if (items->empty()) return reply(false, fmt::format("{} has no fire for {}", job.shown(), to_string(*asked.date)));
    const BackfillItem& item = items->front();
    if (item.before && finished(item.before->state)) {
        const char* force = item.before->reason == Reason::when_false ? " --force" : "";
        return reply(
            false,
            fmt::format("{} has had its run for {}: {} ended as {}; `marketcron rerun {}{}` runs it again", job.shown(),
                        to_string(*asked.date), item.before->id, to_text(item.before->state), item.before->id, force));
    }
    reply(false, fmt::format("the fire of {} for {} {}", job.shown(), to_string(*asked.date), item.why));
}

void Engine::Body::stop_asked(const StopAsked& asked) {
    const auto past = run_asked(asked.run);
    if (!past) return;
    if (finished(past->state) && past->clearing == 0)
        return reply(false, fmt::format("run {} has ended already: {}", asked.run, to_text(past->state)));
    batch.operator_note = fmt::format("stop {} by {}", asked.run, asked.by);
    Run& run = open.insert_or_assign(asked.run, *past).first->second;
    index(run);
    touch(run);
    note_change(run);
    const State before = run.state;
    const bool was_cleared = run.clearing > 0;
    if (before == State::running) {
        run.clearing = -std::abs(run.clearing);  // a clear that goes on still waits until it is gone
    } else if (was_cleared) {
        clears[run.clearing].erase(run.id);
        run.clearing = 0;
    }
    if (!finished(before)) stop(run, State::killed, Reason::stopped);
    std::string text = fmt::format("run {} will not start", asked.run);
    if (before == State::running) text = fmt::format("run {} is told to stop", asked.run);
    if (finished(before)) text = fmt::format("run {} stays {}", asked.run, to_text(before));
    if (was_cleared) text += ": it is taken out of the clear under way";
    reply(true, std::move(text), {asked.run});
}

void Engine::Body::backfill_asked(const BackfillAsked& asked) {
    auto items = plan_backfill(*plan, Present(*this), asked, now.wall);
    if (!items) return refuse(items.error());
    batch.operator_note = fmt::format("backfill {} {}..{} by {}", fmt::join(asked.jobs, " "), to_string(asked.from),
                                      to_string(asked.to), asked.by);
    const std::int64_t number = ++last_batch;
    std::vector<RunId> runs;
    for (const BackfillItem& item : *items) {
        if (!item.chosen && item.skipped == Reason::none) continue;
        Run* run = &take(item);
        const bool by_when = item.skipped == Reason::when_false;
        if (item.skipped != Reason::none) {
            finish(*run, State::skipped, item.skipped,
                   by_when ? plan->jobs.at(item.job).schedule.when->text() : item.why);
            continue;
        }
        if (ends_by_when(plan->jobs.at(item.job), *run)) continue;
        run->assume_upstream = asked.upstreams == BackfillAsked::Upstreams::assumed;
        run->batch = number;
        run->batch_width = std::max(asked.parallel, 1);
        runs.push_back(run->id);
    }
    std::string text = fmt::format("{} of {} fire{} will run, {} at once", runs.size(), items->size(),
                                   items->size() == 1 ? "" : "s", std::max(asked.parallel, 1));
    for (const std::string& job : asked.jobs)
        if (held.contains(job))
            text += fmt::format("; {} is held: its runs wait until it is released", plan->jobs.at(job).shown());
    reply(true, std::move(text), std::move(runs));
}

void Engine::Body::message_asked(const MessageAsked& asked) {
    batch.operator_note = fmt::format("notify test {} by {}", asked.target, asked.by);
    Notice notice;
    notice.id = ++last_notice;
    notice.target = asked.target;
    notice.job = "notify test";
    notice.created = now.wall;
    notice.is_action = true;
    notice.text = asked.text;
    batch.notices.push_back(std::move(notice));
    reply(true, fmt::format("a message for {} stands in the outbox; `marketcron status` tells what keeps it there",
                            asked.target));
}

void Engine::Body::trouble_told(const TroubleTold& told) {
    for (const TroubleMessage& message : told.messages) {
        Notice notice;
        notice.id = ++last_notice;
        notice.target = message.target;
        notice.job = "marketcron";
        notice.title = message.title;
        notice.created = now.wall;
        notice.is_action = true;
        notice.text = message.text;
        batch.notices.push_back(std::move(notice));
    }
}

RunFacts facts_of(const Job& job, const Run& run) {
    const bool has_begun = run.attempt > run.attempts_before;
    return RunFacts{run.job,
                    run.id,
                    has_begun ? run.attempt : run.attempt + 1,
                    run.fire,
                    run.logical_date,
                    run.session,
                    job.schedule.zone,
                    session_calendar(job.schedule, run.key)};
}

}  // namespace mc
