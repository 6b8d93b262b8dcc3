// operator_verdicts.cpp — what an operator can do with a run that has ended: rerun, mark.
#include <fmt/format.h>

#include "engine/fresh_run.h"
#include "engine/operator.h"

namespace mc {

std::string Operator::name_of(const Run& run) const {
    return fmt::format("run {} of {} for {}", run.id, jobs_.plan().title(run.job), to_string(run.logical_date));
}

std::optional<Run> Operator::run_asked(RunId id) {
    auto run = past_.by_id(id);
    if (!run)
        step_.refuse({Error::Kind::usage, fmt::format("there is no run {}", id), "`marketcron runs` lists them", {}});
    return run;
}

std::optional<std::string> Operator::rerun_refusal(const Run& run) const {
    const std::string name = name_of(run);
    if (!finished(run.state))
        return fmt::format("{} is {}; `marketcron stop {}` ends it", name, to_text(run.state), run.id);
    if (run.clearing != 0) return fmt::format("{} is being cleared", name);
    const Job* job = jobs_.planned(run.job);
    if (!job) return fmt::format("{}: the job is no longer in the configuration", name);
    if (!job->enabled) return fmt::format("{}: the job is disabled", name);
    if (run.fires > 1)
        return fmt::format("run {} covers {} fires of {}; run them with `marketcron backfill {} --from DATE --to DATE`",
                           run.id, run.fires, job->shown(), job->shown());
    return std::nullopt;
}

void Operator::asked(const RerunAsked& asked) {
    const auto past = run_asked(asked.run);
    if (!past) return;
    if (auto refusal = rerun_refusal(*past)) return step_.decline(*std::move(refusal));
    const Job& job = *jobs_.planned(past->job);
    const std::string name = name_of(*past);
    std::optional<Instant> limit;
    // Also for a backfilled run, which had no not_after.
    if (!asked.force) limit = make_run(job, fire_of(*past), Origin::live, jobs_.calendars()).not_after;
    if (limit && *limit <= step_.now.wall)
        return step_.decline(fmt::format("{} cannot start after {} (its not_after); add --force to start it anyway",
                                         name, local_text(*limit, *job.schedule.zone)));
    step_.batch.operator_note = fmt::format("rerun {} by {}", past->id, asked.by);
    const Run& again = reopen(book_, jobs_, *past, past->origin);
    book_.limit(again, std::nullopt, limit, std::nullopt);
    book_.leave_batch(again);
    RunOverrides overrides = again;
    overrides.forced = asked.force;
    book_.override_with(again, overrides);
    const bool asks_when = !asked.force && !past->bypasses_gates;
    if (asks_when && endings_.finish_by_when(job, again)) return tell_when_false(job, again);
    book_.bypass_gates(again);
    step_.done(fmt::format("{} starts again", name), {past->id});
}

void Operator::asked(const MarkAsked& asked) {
    const auto past = run_asked(asked.run);
    if (!past) return;
    const std::string name = name_of(*past);
    if (past->state == State::running)
        return step_.decline(fmt::format("{} is running; `marketcron stop {}` ends it first", name, past->id));
    if (past->clearing != 0) return step_.decline(fmt::format("{} is being cleared", name));
    const Run& run = book_.bring(*past);
    endings_.mark(run, asked);
    step_.batch.operator_note = fmt::format("mark {} {} by {}: {}", run.id, to_text(run.state), asked.by, asked.reason);
    step_.done(fmt::format("{} is marked {} (was {})", name, to_text(run.state), to_text(past->state)), {run.id});
}

}  // namespace mc
