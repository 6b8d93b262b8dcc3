#include "sim/ends.h"

#include <fmt/format.h>

#include <algorithm>

namespace mc::sim {

namespace {

bool contains(const std::vector<int>& codes, std::optional<int> code) {
    return code && std::find(codes.begin(), codes.end(), *code) != codes.end();
}

bool is_message(const Job& job) { return std::holds_alternative<SlackPost>(job.action); }

const Attempt* attempt_in(const StepWrites& batch, const Run& run) {
    for (const Attempt& attempt : batch.attempts)
        if (attempt.run == run.id && attempt.number == run.attempt) return &attempt;
    return nullptr;
}

// What the attempt's exit code or signal means; lost without either.
State meaning(const Attempt& attempt, const Job& job) {
    if (attempt.signal) return State::failed;
    if (!attempt.exit_code) return State::lost;
    if (contains(job.success_exit_codes, attempt.exit_code)) return State::success;
    return contains(job.skip_exit_codes, attempt.exit_code) ? State::skipped : State::failed;
}

// The limit, which stories write as a duration.
std::optional<Instant> limit_of(const BoxedOptional<Limit>& rule, const Run& run) {
    const auto* after = rule ? std::get_if<LimitAfter>(&rule->rule) : nullptr;
    return after ? std::optional(run.fire + after->length) : std::nullopt;
}

// The attempt's result, and whether another one follows.
std::string of_attempt(const Moved& moved, const Job& job, const Attempt& attempt) {
    const Run &before = *moved.before, &after = moved.after;
    if (before.state != State::running || before.attempt != attempt.number) return "no such attempt was running";
    const bool is_known = attempt.exit_code || attempt.signal;
    if (before.ending && attempt.state != State::lost && attempt.state != *before.ending)
        return "its attempt was ended for another reason";
    const bool was_stopped = attempt.state == State::killed || attempt.state == State::timed_out;  // perhaps only now
    if (!was_stopped && is_known && !is_message(job) && attempt.state != meaning(attempt, job))
        return fmt::format("its exit code does not mean {}", to_text(attempt.state));
    if (before.clearing != 0) return "";
    const int tries = attempt.number - before.attempts_before;
    const bool went_wrong = attempt.state == State::failed || attempt.state == State::timed_out;
    const bool is_lost_again = attempt.state == State::lost && job.retry_lost && !before.ending;
    const bool again = job.enabled && ((went_wrong && tries <= job.retries) || is_lost_again);
    if (!again)
        return after.state == attempt.state || after.attempt > attempt.number ? "" : "its attempt ended otherwise";
    if (finished(after.state)) {
        const bool too_late = after.reason == Reason::too_late && before.not_after && !before.forced;
        return too_late || after.reason == Reason::stopped || after.reason == Reason::overlap ? ""
                                                                                              : "it has a retry left";
    }
    const Seconds delay = is_lost_again ? Seconds{0} : delay_after(job, std::max(tries, 1));
    if (delay == Seconds{0}) return "";
    const bool waits = after.state == State::retrying && after.not_before == moved.world.now.wall + delay;
    return waits ? "" : "its next attempt comes at another time";
}

bool is_iced(const Moved& moved) {
    const auto record = moved.world.ledger.record_of(moved.after.job).value();
    const auto puts = [&](const JobRecord& one) { return one.job == moved.after.job && one.iced(); };
    const auto& jobs = moved.batch.jobs;
    return (record && record->iced()) || std::any_of(jobs.begin(), jobs.end(), puts);
}

bool has_sensor_timed_out(const Moved& moved, const Job& job) {
    for (std::size_t i = 0; job.wait && moved.before && i < job.wait->size(); ++i) {
        const bool skips = (*job.wait)[i].on_timeout == Sensor::OnTimeout::skip;
        const bool is_so = skips == (moved.after.state == State::skipped);
        if (is_so && moved.sensing.may_time_out(*moved.before, (*job.wait)[i], i, moved.world.now)) return true;
    }
    return false;
}

std::string of_too_late(const Moved& moved, const Job& job) {
    const Instant now = moved.world.now.wall;
    if (!moved.before) return limit_of(job.not_after, moved.after) <= now ? "" : "it was in time";
    const Run& before = *moved.before;
    if (!before.not_after || before.forced) return "it has no not_after";
    const int tries = before.attempt - before.attempts_before;
    const bool by_retry = before.state == State::running && now + delay_after(job, tries) >= *before.not_after;
    return now >= *before.not_after || by_retry ? "" : "it was in time";
}

std::string of_timeout(const Moved& moved, const Job& job) {
    const Run& run = moved.after;
    const auto timeout = run.start_options && run.start_options->timeout ? run.start_options->timeout : job.timeout;
    if (!timeout) return "it has no timeout";
    const bool is_early = !moved.clock_was_set && run.started && *run.finished < *run.started + *timeout;
    return is_early ? "its timeout is later" : "";
}

// The reason of a run that has just ended.
std::string of_end(const Moved& moved, const Job& job) {
    const Run& run = moved.after;
    const Reason reason = run.reason;
    if (reason == Reason::exit_code && contains(job.success_exit_codes, run.exit_code)) return "it has succeeded";
    if (reason == Reason::signal && !run.signal) return "no signal ended it";
    if (reason == Reason::too_late) return of_too_late(moved, job);
    if (reason == Reason::latest_only && !job.latest_only) return "it is not latest_only";
    if (reason == Reason::when_false && when_holds(job, *moved.world.plan.calendars, run.logical_date).value_or(false))
        return "`when` is true";
    if (reason == Reason::iced && !is_iced(moved)) return "its job is not iced";
    if (reason == Reason::sensor_timeout && !has_sensor_timed_out(moved, job)) return "no sensor of it has timed out";
    if (reason == Reason::timeout) return of_timeout(moved, job);
    if (reason == Reason::overlap && job.overlap != (run.state == State::killed ? Overlap::kill : Overlap::skip))
        return "its `overlap` says otherwise";
    if (reason == Reason::down && moved.world.now.wall - run.last_fire.value_or(run.fire) <= job.grace)
        return "its fire is on time";
    const bool needs_none = run.state == State::success || run.state == State::lost;
    return reason == Reason::none && !needs_none ? "it has no reason" : "";
}

// The limits of a new run come from its job, counted from its fire.
std::string of_new(const Run& run, const Job& job) {
    if (finished(run.state) || run.state == State::running || run.origin == Origin::start) return "";
    if (!run.bypasses_gates && run.not_before != limit_of(job.wait_until, run)) return "its wait_until is another";
    const bool is_scheduled = run.origin == Origin::live || run.origin == Origin::catch_up;
    if (is_scheduled && run.not_after != limit_of(job.not_after, run)) return "its not_after is another";
    if (is_scheduled && run.deadline && run.deadline != limit_of(job.deadline, run)) return "its deadline is another";
    return run.attempt == 0 && run.attempts_before == 0 ? "" : "it is new, and has an attempt";
}

std::string wrong(const Moved& moved) {
    const Run& after = moved.after;
    const Job& job = moved.world.plan.jobs.at(after.job);
    const bool moves = !moved.before || moved.before->state != after.state || moved.before->reason != after.reason;
    const bool is_marked = after.since == moved.world.now.wall;
    if (moves && !is_marked) return "`since` is not now";
    if (!moves && after.since != moved.before->since) return "`since` changes without a move";
    if (!moved.before)
        if (auto what = of_new(after, job); !what.empty()) return what;
    if (const Attempt* attempt = moved.before ? attempt_in(moved.batch, after) : nullptr; attempt && moved.is_told)
        if (auto what = of_attempt(moved, job, *attempt); !what.empty()) return what;
    if (!finished(after.state) || !moves) return "";
    if (!after.finished) return "it has no end";
    if (after.not_before || after.timeout_up || after.kill_up || after.ending || after.sensing_since)
        return "it has ended, and still waits";
    return of_end(moved, job);
}

// Manual, trigger: whether the rule waited in vain for this upstream job to end otherwise.
bool is_to_blame(const UpstreamStatus& upstream, Trigger trigger, bool is_failed) {
    using Standing = UpstreamStatus::Standing;
    if (is_failed) return upstream.standing == Standing::failed;
    if (trigger == Trigger::all_failed || trigger == Trigger::one_failed) return upstream.standing != Standing::failed;
    if (trigger == Trigger::all_skipped) return upstream.standing != Standing::skipped;
    return upstream.standing == Standing::skipped;
}

}  // namespace

std::string check_move(const Moved& moved) {
    const std::string what = wrong(moved);
    if (what.empty()) return "";
    const Run& run = moved.after;
    return fmt::format("checker 12: run {} of {} becomes {} {}: {}", run.id, run.job, to_text(run.state),
                       to_text(run.reason), what);
}

std::string check_blocked(const Run& run, const World& world) {
    const bool is_failed = run.reason == Reason::upstream_failed;
    if (!finished(run.state) || (!is_failed && run.reason != Reason::upstream_skipped)) return "";
    const Job& job = world.plan.jobs.at(run.job);
    const auto wrong = [&](std::string_view what) {
        return fmt::format("checker 12: run {} of {} for {} ends as {}, but {}", run.id, run.job,
                           to_string(run.logical_date), to_text(run.state), what);
    };
    const auto* facts = run.reason_data ? std::get_if<UpstreamsEnded>(&*run.reason_data) : nullptr;
    if (!facts || !job.after || facts->trigger != job.after->trigger) return wrong("its reason has another trigger");
    for (const UpstreamStatus& upstream : facts->upstreams)
        if (!is_to_blame(upstream, job.after->trigger, is_failed))
            return wrong("its reason names an upstream job that is not to blame");
    if (facts->upstreams.empty()) return wrong("its reason names no upstream job");
    const Fate fate = is_failed ? Fate::upstream_failed : Fate::skip;
    return fates_by_order(job, run, world).contains(fate) ? "" : wrong("its upstream jobs say otherwise");
}

std::string check_start_of(const Run& run, const World& world, const Sensing& sensing, bool clock_was_set) {
    const Job& job = world.plan.jobs.at(run.job);
    const auto wrong = [&](std::string_view what) {
        return fmt::format("checker 12: attempt {} of run {} of {} starts, but {}", run.attempt, run.id, run.job, what);
    };
    const bool is_first = run.attempt == run.attempts_before + 1;
    if (run.not_after && !run.forced && *run.started >= *run.not_after) return wrong("it is too late");
    const auto record = world.ledger.record_of(run.job).value();
    const bool is_due = run.attempt == 1 && run.origin == Origin::live && !run.bypasses_gates;
    if (is_due && record && record->iced() && run.fire > record->ice->since) return wrong("its job is iced");
    if (is_first && job.wait && !run.bypasses_gates && !sensing.ever_passed(job, run))
        return wrong("its sensors have not passed");
    if (is_first || clock_was_set) return "";
    const std::vector<Attempt> attempts = world.ledger.attempts(run.id).value();
    for (const Attempt& attempt : attempts) {
        if (attempt.number != run.attempt - 1 || attempt.state == State::lost) continue;
        if (*run.started < attempt.finished + delay_after(job, attempt.number - run.attempts_before))
            return wrong("retry_delay has not passed");
    }
    return "";
}

}  // namespace mc::sim
