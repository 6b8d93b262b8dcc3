#include "engine/endings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "config/order.h"
#include "engine/limits.h"

namespace mc {

namespace {

constexpr Seconds kill_pause{10};  // between two SIGKILLs: the first may be lost if the daemon dies

bool contains(const std::vector<int>& codes, int code) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

Seconds retry_delay(const Job& job, int tries) {
    const double factor = std::pow(std::max(job.retry_backoff, 1.0), tries - 1);
    constexpr double year = 366.0 * 86400;  // limits pauses that grow exponentially
    const double seconds = std::min(static_cast<double>(job.retry_delay.count()) * factor, year);
    Seconds delay{std::llround(seconds)};
    if (job.retry_max_delay) delay = std::min(delay, *job.retry_max_delay);
    return delay;
}

bool is_message(const Job* job) { return job && std::holds_alternative<SlackPost>(job->action); }

}  // namespace

Ending ending_of(const Run& run, const Outcome& outcome, const Job* job) {
    if (outcome.lost) return {State::lost, {Reason::none, "it is not known whether the command ended"}};
    if (run.ending) return {*run.ending, {run.reason, run.reason_data, run.detail}};
    if (!outcome.spawn_error.empty()) return {State::failed, {Reason::spawn_failed, outcome.spawn_error}};
    if (outcome.signal) return {State::failed, {Reason::signal, fmt::format("ended by signal {}", *outcome.signal)}};
    const int code = outcome.exit_code.value_or(0);
    if (job ? contains(job->success_exit_codes, code) : code == 0) return {State::success, {}};
    if (job && contains(job->skip_exit_codes, code))
        return {State::skipped, {Reason::exit_code, fmt::format("exit code {} means skip", code)}};
    return {State::failed, {Reason::exit_code, fmt::format("exit code {}", code)}};
}

Endings::Endings(Step& step, const Definitions& jobs, RunBook& book, Alerts& alerts, Notices& notices,
                 StartTroubles& troubles)
    : step_(step), jobs_(jobs), book_(book), alerts_(alerts), notices_(notices), troubles_(troubles) {}

void Endings::finish(const Run& run, State state, Because why, const LastOutput& output) {
    const MoveRow& row = book_.end(run, state, std::move(why));
    // A run that succeeded or was skipped is not late. A target that was notified of the failure gets no late message.
    bool is_told = state == State::success || state == State::skipped;
    switch (row.tells) {
        case Tells::nothing: break;
        case Tells::success: alerts_.tell(run, NoticeKind::success, output.text); break;
        case Tells::failure: is_told = alerts_.tell(run, NoticeKind::failure, output.text); break;
        case Tells::missed: is_told = alerts_.tell(run, NoticeKind::missed, output.text); break;
    }
    if (is_told) book_.deadline_told(run);
    alerts_.close_for(run, row.closes);
}

void Endings::mark(const Run& run, const MarkAsked& asked) {
    Because why{Reason::marked, MarkedBy{asked.by, asked.reason, run.state}};
    alerts_.close_for(run, book_.mark(run, asked.state, std::move(why)).closes, &asked);
}

bool Endings::finish_early(const Run& run, const std::optional<Because>& end) {
    if (end) finish(run, State::failed, *end);
    return end.has_value();
}

bool Endings::finish_by_when(const Job& job, const Run& run) {
    const auto holds = when_holds(job, jobs_.calendars(), run.logical_date);
    if (holds && *holds) return false;
    if (!holds) finish(run, State::failed, {Reason::calendar_ended, holds.error().sentence()});
    else finish(run, State::skipped, {Reason::when_false, PredicateFalse{job.schedule.when->text()}});
    return true;
}

void Endings::stop(const Run& run, State ending, Because why) {
    const Job* job = jobs_.of(run);
    if (run.state != State::running || is_message(job)) {
        if (run.state == State::running) notices_.call_back(run.id);
        return finish(run, ending, std::move(why));
    }
    if (run.ending) {  // it was signalled before; but a run that is stopped is not retried, and a clear resets it
        if (ending == State::killed && *run.ending != ending && run.clearing == 0)
            book_.end_as(run, ending, std::move(why));
        return;
    }
    book_.ask_end(run, ending, std::move(why), after(step_.now, job ? job->kill_after : Seconds{10}));
    step_.effects.emplace_back(Signal{run.id, run.attempt, 15});
}

void Endings::ended(const std::vector<Outcome>& outcomes) {
    for (const Outcome& outcome : outcomes) take(outcome);
}

void Endings::take(const Outcome& outcome) {
    const Run* run = book_.find(outcome.run);
    // Already known: reported twice (by the socket and by the disk), or an attempt before the latest.
    if (!run || run->state != State::running || run->attempt != outcome.attempt) return;
    // If the run is being ended, it ends in that state.
    if (outcome.hindered && !run->ending) return put_back(*run, *outcome.hindered);
    if (run->deadline && outcome.finished > *run->deadline) {  // no daemon was running at the deadline
        alerts_.tell(*run, NoticeKind::late);
        book_.deadline_told(*run);
    }
    conclude(*run, outcome);
    alerts_.tell_output(*run, outcome);
}

void Endings::put_back(const Run& run, const Hindrance& why) {
    book_.put_back(run, {Reason::resources, StartRefused{why.text}});
    troubles_.refused(run, why);
    finish_without_job(run);
}

bool Endings::finish_without_job(const Run& run) {
    const Job* job = jobs_.planned(run.job);
    if (job && job->enabled) return false;
    const Reason reason = job ? Reason::disabled : Reason::removed;
    if (run.state != State::retrying) {
        finish(run, State::skipped, reason);
        return true;
    }
    const std::string before = run.detail.empty() ? "" : run.detail + "; ";
    finish(run, State::failed,
           {run.reason, run.reason_data, fmt::format("{}not retried: its job was {}", before, to_text(reason))});
    return true;
}

// nullopt: no retry. A run whose job is disabled or has left the plan gets no retry.
std::optional<Instant> Endings::next_attempt(const Run& run, const Ending& ending, const Job* job) const {
    const Job* planned = jobs_.planned(run.job);
    if (!planned || !planned->enabled) return std::nullopt;
    const int tries = run.attempt - run.attempts_before;
    if (ending.state == State::lost)
        return job->retry_lost && !run.ending ? std::optional(step_.now.wall) : std::nullopt;
    const bool went_wrong = ending.state == State::failed || ending.state == State::timed_out;
    if (!went_wrong || tries > job->retries) return std::nullopt;
    return step_.now.wall + retry_delay(*job, std::max(tries, 1));
}

void Endings::conclude(const Run& run, const Outcome& outcome) {
    const Job* job = jobs_.of(run);
    troubles_.has_begun(run);
    const Ending ending = ending_of(run, outcome, job);
    const auto again = next_attempt(run, ending, job);
    book_.attempt_ended(run, outcome, ending);
    if (!again) return finish(run, ending.state, ending.why, {outcome.tail});
    book_.retry(run, ending, *again);
    if (run.not_after && *again >= *run.not_after && !run.forced)
        return finish(run, State::missed, {Reason::too_late, "the next attempt would start after not_after"});
    alerts_.tell(run, NoticeKind::retry, outcome.tail);
}

void Endings::not_begun(const std::vector<RunId>& runs) {
    for (const RunId id : runs) {
        const Run* run = book_.find(id);
        if (!run || run->state != State::running || (run->ending && *run->ending != State::timed_out)) continue;
        const Job* job = jobs_.of(*run);
        if (!job) continue;
        const auto timeout = timeout_of(*run, *job);
        book_.time_again(*run, timeout ? std::optional(after(step_.now, *timeout)) : std::nullopt);
    }
}

void Endings::expire_running(const Run& run) {
    if (run.timeout_up && *run.timeout_up <= step_.now.up) {
        const Job* job = jobs_.of(run);
        // A reload since the start may have changed the job's timeout, but not that of this attempt.
        const bool is_same = run.generation == jobs_.plan().generation;
        const auto timeout = job && is_same ? timeout_of(run, *job) : std::nullopt;
        stop(run, State::timed_out, timeout ? Because{Reason::timeout, TimedOut{*timeout}} : Reason::timeout);
    }
    if (finished(run.state) || !run.kill_up || *run.kill_up > step_.now.up) return;
    book_.kill_again_at(run, step_.now.up + kill_pause);
    step_.effects.emplace_back(Signal{run.id, run.attempt, 9});
}

void Endings::miss_if_too_late(const Run& run) {
    if (!run.not_after || *run.not_after > step_.now.wall || run.forced || run.clearing != 0) return;
    finish(run, State::missed, {Reason::too_late, StartLimit{*run.not_after}, jobs_.wording(run)});
}

void Endings::expire() {
    book_.activate_due();
    for (const auto& [id, active] : book_.active()) {
        const Run& run = *active;
        if (finished(run.state)) continue;
        if (run.state == State::running) expire_running(run);
        else miss_if_too_late(run);
        if (finished(run.state) || !run.deadline || *run.deadline > step_.now.wall) continue;
        alerts_.tell(run, NoticeKind::late);
        book_.deadline_told(run);
    }
    tell_late();
}

// Sends the late notification of failed runs that have had no notification.
void Endings::tell_late() {
    std::vector<RunId> due;
    for (const auto& [id, run] : book_.late_untold())
        if (*run.deadline <= step_.now.wall) due.push_back(id);
    for (const RunId id : due) {
        alerts_.tell(book_.late_untold().at(id), NoticeKind::late);
        book_.late_told(id);
    }
}

}  // namespace mc
