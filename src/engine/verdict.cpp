// verdict.cpp — what a person makes of a run that has ended: rerun, mark.
#include <fmt/format.h>

#include "engine/body.h"

namespace mc {

std::optional<Run> Engine::Body::run_asked(RunId id) {
    if (const auto found = open.find(id); found != open.end()) return found->second;
    auto past = ledger.by_id(id);
    if (!past) refuse({Error::Kind::usage, fmt::format("there is no run {}", id), "`marketcron runs` lists them", {}});
    return past;
}

void Engine::Body::rerun_asked(const RerunAsked& asked) {
    const auto past = run_asked(asked.run);
    if (!past) return;
    const std::string name =
        fmt::format("run {} of {} for {}", past->id, plan->title(past->job), to_string(past->logical_date));
    if (!finished(past->state))
        return reply(false,
                     fmt::format("{} is {}; `marketcron stop {}` ends it", name, to_text(past->state), past->id));
    if (past->clearing != 0) return reply(false, fmt::format("{} is being cleared", name));
    const auto job = plan->jobs.find(past->job);
    if (job == plan->jobs.end()) return reply(false, fmt::format("{}: the job is not in the file now", name));
    if (!job->second.enabled) return reply(false, fmt::format("{}: the job is disabled", name));
    if (past->fires > 1)
        return reply(false, fmt::format("run {} stands for {} fires of {}; `marketcron backfill {}` runs them",
                                        past->id, past->fires, job->second.shown(), job->second.shown()));
    std::optional<Instant> limit;
    // Also of a run that had none, because a backfill made it.
    if (!asked.force) limit = make_run(job->second, fire_of(*past), Origin::live, *plan->calendars).not_after;
    if (limit && *limit <= now.wall)
        return reply(false, fmt::format("{} may not start after {}; --force starts it all the same", name,
                                        local_text(*limit, *job->second.schedule.zone)));
    batch.operator_note = fmt::format("rerun {} by {}", past->id, asked.by);
    Run& again = reopen(*past, past->origin);
    again.not_before.reset();
    again.not_after = limit;
    again.deadline.reset();
    again.forced = asked.force;
    again.batch = 0;
    if (!asked.force && !past->past_gates && ends_by_when(job->second, again))
        return tell_when_false(job->second, again);
    again.past_gates = true;
    reply(true, fmt::format("{} starts again", name), {past->id});
}

void Engine::Body::mark_asked(const MarkAsked& asked) {
    const auto past = run_asked(asked.run);
    if (!past) return;
    const std::string name =
        fmt::format("run {} of {} for {}", past->id, plan->title(past->job), to_string(past->logical_date));
    if (past->state == State::running)
        return reply(false, fmt::format("{} is running; `marketcron stop {}` ends it first", name, past->id));
    if (past->clearing != 0) return reply(false, fmt::format("{} is being cleared", name));
    owed.erase(past->id);
    Run& run = open.insert_or_assign(past->id, *past).first->second;
    index(run);
    touch(run);
    note_change(run);
    if (!finished(past->state)) run.finished = now.wall;
    run.state = asked.state;
    run.reason = Reason::marked;
    run.detail = fmt::format("by {}: {}; it was {}", asked.by, asked.reason, to_text(past->state));
    run.ending = State::running;
    run.not_before.reset();
    run.not_after.reset();
    run.deadline.reset();
    run.timeout_up.reset();
    run.kill_up.reset();
    run.sensing_since.reset();
    if (run.state == State::skipped) close_skipped(run, &asked);
    if (run.state == State::success) {
        close_alert(run, &asked);
        look_soon(run.job);
    }
    heals(run);
    batch.operator_note = fmt::format("mark {} {} by {}: {}", run.id, to_text(run.state), asked.by, asked.reason);
    reply(true, fmt::format("{} is {} now, it was {}", name, to_text(run.state), to_text(past->state)), {run.id});
}

}  // namespace mc
