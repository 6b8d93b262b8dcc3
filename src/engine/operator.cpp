#include "engine/operator.h"

#include <fmt/format.h>

#include <cstdlib>

#include "config/size.h"
#include "engine/fresh_run.h"

namespace mc {

namespace {

// The fire of a run started by hand, as if a fire came at this instant. A job with session events takes the session of
// today, or the last session before.
Fire fire_by_hand(const Job& job, const CalendarSet& calendars, Instant now) {
    const JobSchedule& schedule = job.schedule;
    Fire fire;
    fire.due = now;
    fire.date = fire.logical_date = date_of(schedule.zone->to_wall(now));
    const CalendarName name = session_calendar(schedule, FireKey::of_start(0));
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

// The same rule as for `memory` in the configuration: such a run would wait until no other run is active, and keep
// every other claim waiting.
std::optional<Error> claims_too_much(const StartOptions& only, const Plan& plan) {
    const auto capacity = plan.daemon.capacity_memory;
    if (!only.memory || !capacity || *only.memory <= *capacity) return {};
    return Error{Error::Kind::usage,
                 fmt::format("--memory {} is more than the `capacity` of [daemon], {}", size_text(*only.memory),
                             size_text(*capacity)),
                 "claim less",
                 {}};
}

std::string start_text(const Job& job, RunId id, const StartAsked& asked) {
    return fmt::format("run {} of {} for {} starts{}", id, job.shown(), to_string(*asked.date),
                       asked.gates ? " once nothing keeps it waiting" : "");
}

RunOverrides overrides_of(const Run& run, const StartAsked& asked) {
    RunOverrides overrides = run;
    overrides.forced = asked.force;
    overrides.bypasses_gates = !asked.gates;
    if (asked.only != StartOptions{}) overrides.start_options = asked.only;
    return overrides;
}

bool is_too_late(const std::optional<Instant>& not_after, const StartAsked& asked, const Now& now) {
    return not_after && *not_after <= now.wall && !asked.force;
}

}  // namespace

Operator::Operator(Step& step, const Definitions& jobs, RunBook& book, Past& past, Endings& endings,
                   Backfills& backfills, Clears& clears, const Admission& admission)
    : step_(step),
      jobs_(jobs),
      book_(book),
      past_(past),
      endings_(endings),
      backfills_(backfills),
      clears_(clears),
      admission_(admission) {}

void Operator::asked(const StartAsked& asked) {
    const Job* job = jobs_.asked(asked.job, step_);
    if (!job) return;
    if (const auto error = claims_too_much(asked.only, jobs_.plan())) return step_.refuse(*error);
    step_.batch.operator_note =
        fmt::format("start {}{} by {}", job->shown(), asked.date ? " " + to_string(*asked.date) : "", asked.by);
    if (!asked.date) return start_without_date(*job, asked);
    // Its earliest unfinished run of that date ...
    for (const RunId id : book_.of_job(job->name)) {
        const Run& run = book_.at(id);
        if (run.logical_date != *asked.date || run.state == State::running || finished(run.state)) continue;
        if (!seen_by_others(run)) continue;  // a start without a date is not this date's run
        return start_waiting(*job, run, asked);
    }
    start_new(*job, asked);  // ... or a new one
}

// A separate run, due now.
void Operator::start_without_date(const Job& job, const StartAsked& asked) {
    Run run = make_run(job, fire_by_hand(job, jobs_.calendars(), step_.now.wall), Origin::start, jobs_.calendars());
    run.key = FireKey::of_start(book_.next_id());
    static_cast<RunOverrides&>(run) = overrides_of(run, asked);
    if (run.bypasses_gates) run.not_before.reset();
    run.deadline.reset();
    if (is_too_late(run.not_after, asked, step_.now))
        return step_.decline(fmt::format("{} cannot start after {} (its not_after); add --force to start it anyway",
                                         job.shown(), local_text(*run.not_after, *job.schedule.zone)));
    const Run& made = book_.insert(std::move(run));
    if (asked.gates && endings_.finish_by_when(job, made)) return tell_when_false(job, made);
    const char* when = admission_.draining() ? "; the daemon is stopping, and the next daemon starts the run" : "";
    step_.done(fmt::format("run {} of {} is queued{}", made.id, job.shown(), when), {made.id});
}

void Operator::start_waiting(const Job& job, const Run& run, const StartAsked& asked) {
    if (run.clearing != 0) return step_.decline(fmt::format("run {} of {} is being cleared", run.id, job.shown()));
    if (is_too_late(run.not_after, asked, step_.now))
        return step_.decline(fmt::format("run {} cannot start after {} (its not_after); add --force to start it anyway",
                                         run.id, local_text(*run.not_after, *job.schedule.zone)));
    book_.override_with(run, overrides_of(run, asked));
    if (run.bypasses_gates) book_.limit(run, std::nullopt, run.not_after, run.deadline);
    if (asked.gates && endings_.finish_by_when(job, run)) return tell_when_false(job, run);
    if (run.bypasses_gates && run.state == State::waiting) book_.queue(run);
    step_.done(start_text(job, run.id, asked), {run.id});
}

// As a backfill of one fire, except that the run obeys not_after. Without --gates its upstream jobs are not checked.
void Operator::start_new(const Job& job, const StartAsked& asked) {
    using Upstreams = BackfillAsked::Upstreams;
    const Upstreams upstreams = asked.gates ? Upstreams::told : Upstreams::assumed;
    auto items = plan_backfill(jobs_.plan(), past_, {{job.name}, *asked.date, *asked.date, {}, 1, asked.by, upstreams},
                               step_.now.wall);
    if (!items) {
        Error error = std::move(items).error();
        if (error.kind == Error::Kind::refused)
            error.hint = "backfill the upstream job first, or start this job without --gates";
        if (error.kind == Error::Kind::calendar) error.hint = "choose a date that the calendar covers";
        return step_.refuse(error);
    }
    for (const BackfillItem& item : *items) {
        if (!item.chosen && item.skipped != Reason::when_false) continue;
        const auto not_after = make_run(job, item.fire, Origin::live, jobs_.calendars()).not_after;
        if (is_too_late(not_after, asked, step_.now))
            return step_.decline(
                fmt::format("{} cannot start for {} after {} (its not_after); add --force to start it anyway",
                            job.shown(), to_string(*asked.date), local_text(*not_after, *job.schedule.zone)));
        const Run& run = backfills_.take(item);
        book_.override_with(run, overrides_of(run, asked));
        book_.limit(run, run.bypasses_gates ? std::nullopt : run.not_before, not_after, run.deadline);
        if (asked.gates && endings_.finish_by_when(job, run)) return tell_when_false(job, run);
        return step_.done(start_text(job, run.id, asked), {run.id});
    }
    if (items->empty()) return step_.decline(fmt::format("{} has no fire for {}", job.shown(), to_string(*asked.date)));
    refuse_start(job, items->front(), *asked.date);
}

void Operator::refuse_start(const Job& job, const BackfillItem& item, Date date) {
    if (!item.before || !finished(item.before->state))
        return step_.decline(fmt::format("the fire of {} for {} {}", job.shown(), to_string(date), item.why));
    const char* force = item.before->reason == Reason::when_false ? " --force" : "";
    step_.decline(fmt::format(
        "{} already has a run for {}: run {} ended as {}; to run it again: `marketcron rerun {}{}`", job.shown(),
        to_string(date), item.before->id, to_text(item.before->state), item.before->id, force));
}

void Operator::tell_when_false(const Job& job, const Run& run) {
    const std::string name = fmt::format("run {} of {} for {}", run.id, job.shown(), to_string(run.logical_date));
    if (run.reason != Reason::when_false)
        return step_.decline(fmt::format("{} failed: {}", name, run.detail), {run.id});
    step_.done(fmt::format("{} is skipped (when_false): `{}` is false; `marketcron rerun {} --force` runs it", name,
                           run.detail, run.id),
               {run.id});
}

void Operator::asked(const StopAsked& asked) {
    const auto past = run_asked(asked.run);
    if (!past) return;
    if (finished(past->state) && past->clearing == 0)
        return step_.decline(fmt::format("run {} has already ended: {}", asked.run, to_text(past->state)));
    step_.batch.operator_note = fmt::format("stop {} by {}", asked.run, asked.by);
    const Run& run = book_.bring(*past);
    book_.note_change(run);
    clears_.leave(run);
    if (!finished(past->state)) endings_.stop(run, State::killed, {Reason::stopped, StoppedBy{asked.by}});
    std::string text = fmt::format("run {} will not start", asked.run);
    if (past->state == State::running) text = fmt::format("run {} is being stopped", asked.run);
    if (finished(past->state)) text = fmt::format("run {} stays {}", asked.run, to_text(past->state));
    if (past->clearing != 0 && past->clear_part == ClearPart::reset)
        text += ": it is removed from the clear in progress";
    step_.done(std::move(text), {asked.run});
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
