// outcome.cpp — how attempts and runs end: success, another try, a timeout, too late.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/body.h"

namespace mc {

namespace {

bool contains(const std::vector<int>& codes, int code) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

Seconds retry_delay(const Job& job, int tries) {
    const double factor = std::pow(std::max(job.retry_backoff, 1.0), tries - 1);
    constexpr double year = 366.0 * 86400;  // a bound for factors that explode
    const double seconds = std::min(static_cast<double>(job.retry_delay.count()) * factor, year);
    Seconds delay{std::llround(seconds)};
    if (job.retry_max_delay) delay = std::min(delay, *job.retry_max_delay);
    return delay;
}

}  // namespace

Ending ending_of(const Run& run, const Outcome& outcome, const Job* job) {
    if (outcome.lost) return {State::lost, Reason::none, "nobody can know whether it ended"};
    if (run.ending != State::running) return {run.ending, run.reason, run.detail};
    if (!outcome.spawn_error.empty()) return {State::failed, Reason::spawn_failed, outcome.spawn_error};
    if (outcome.signal) return {State::failed, Reason::signal, fmt::format("ended by signal {}", *outcome.signal)};
    const int code = outcome.exit_code.value_or(0);
    if (job ? contains(job->success_exit_codes, code) : code == 0) return {State::success, Reason::none, {}};
    if (job && contains(job->skip_exit_codes, code))
        return {State::skipped, Reason::exit_code, fmt::format("exit code {} means skip", code)};
    return {State::failed, Reason::exit_code, fmt::format("exit code {}", code)};
}

void Engine::Body::ended(const std::vector<Outcome>& outcomes) {
    for (const Outcome& outcome : outcomes) {
        const auto it = open.find(outcome.run);
        // Told twice (by the socket and by the disk), or of an attempt before the latest: known already.
        if (it == open.end() || it->second.state != State::running || it->second.attempt != outcome.attempt) continue;
        Run& run = it->second;
        // One whose end was asked for meanwhile has that end.
        if (outcome.hindered && run.ending == State::running) {
            put_back(run, *outcome.hindered);
            continue;
        }
        if (run.deadline && outcome.finished > *run.deadline) {  // and no daemon was there to say so
            tell(run, NoticeKind::late);
            run.deadline.reset();
        }
        conclude(run, outcome);
        tell_output(run, outcome);
    }
}

void Engine::Body::conclude(Run& run, const Outcome& outcome) {
    const Job* job = job_of(run);
    if (std::exchange(trial, trial == run.id ? 0 : trial) == run.id) every_start.reset();
    hindered.erase(run.id);
    const Ending verdict = ending_of(run, outcome, job);

    touch(run);
    run.started = outcome.started != Instant{} ? outcome.started : run.started;
    run.finished = outcome.finished != Instant{} ? outcome.finished : now.wall;
    run.exit_code = outcome.exit_code;
    run.signal = outcome.signal;
    if (!outcome.lost && !outcome.hindered && outcome.spawn_error.empty()) {
        run.max_rss_bytes = outcome.max_rss_bytes;
        run.cpu_seconds = outcome.cpu_seconds;
    }
    run.timeout_up.reset();
    run.kill_up.reset();
    batch.attempts.push_back(Attempt{run.id, run.attempt, verdict.state, verdict.reason, *run.started, *run.finished,
                                     run.exit_code, run.signal, outcome.max_rss_bytes, outcome.cpu_seconds});

    const int tries = run.attempt - run.attempts_before;
    // One whose job has gone, or is disabled, ends with this attempt.
    const auto planned = plan->jobs.find(run.job);
    const bool may_retry = planned != plan->jobs.end() && planned->second.enabled;
    const bool again =
        may_retry &&
        (((verdict.state == State::failed || verdict.state == State::timed_out) && tries <= job->retries) ||
         (verdict.state == State::lost && job->retry_lost && run.ending == State::running));
    if (again) {
        const Instant at =
            now.wall + (verdict.state == State::lost ? Seconds{0} : retry_delay(*job, std::max(tries, 1)));
        run.state = State::retrying;
        run.reason = verdict.reason;
        run.detail = verdict.detail;
        run.ending = State::running;
        run.not_before = at;
        if (run.not_after && at >= *run.not_after && !run.forced) {
            finish(run, State::missed, Reason::too_late, "the next attempt would have been too late");
            return;
        }
        tell(run, NoticeKind::retry, outcome.tail);
        return;
    }
    finish(run, verdict.state, verdict.reason, verdict.detail, outcome.tail);
}

void Engine::Body::finish(Run& run, State state, Reason reason, std::string detail, const std::string& tail) {
    touch(run);
    const bool attempt_ended = run.state == State::running && run.finished;  // ended() knows when
    if (!attempt_ended) run.finished = now.wall;
    run.state = state;
    note_change(run);
    run.reason = reason;
    run.detail = std::move(detail);
    run.ending = State::running;
    run.not_before.reset();
    run.not_after.reset();
    run.timeout_up.reset();
    run.kill_up.reset();
    run.sensing_since.reset();
    bool told = state == State::success || state == State::skipped;
    if (state == State::success) tell(run, NoticeKind::success, tail);
    if (state == State::missed) told = tell(run, NoticeKind::missed, tail);
    if (state == State::failed || state == State::timed_out || state == State::lost)
        told = tell(run, NoticeKind::failure, tail);
    if (told) run.deadline.reset();
    if (state == State::skipped) close_skipped(run);
    if (state == State::success) {
        close_alert(run);
        look_soon(run.job);
    }
    heals(run);
}

// Of a run that is a message; it may be one of this very step.
void Engine::Body::call_back_message(RunId run) {
    std::erase_if(batch.notices, [run](const Notice& notice) { return notice.is_action && notice.run == run; });
    batch.cancelled_actions.push_back(run);
}

void Engine::Body::stop(Run& run, State ending, Reason reason) {
    const Job* job = job_of(run);
    if (run.state != State::running || (job && std::holds_alternative<SlackPost>(job->action))) {
        if (run.state == State::running) call_back_message(run.id);
        finish(run, ending, reason);
        return;
    }
    if (run.ending != State::running) return;  // its end is under way
    touch(run);
    run.ending = ending;
    run.reason = reason;
    run.timeout_up.reset();
    run.kill_up = after(now, job ? job->kill_after : Seconds{10});
    effects.emplace_back(Signal{run.id, run.attempt, 15});
}

void Engine::Body::expire() {
    while (!alarms.empty() && alarms.begin()->first <= now.wall) rouse(alarms.begin()->second);
    for (const auto& [id, at_hand] : awake) {
        Run& run = *at_hand;
        if (finished(run.state)) continue;
        if (run.state == State::running) {
            if (run.timeout_up && *run.timeout_up <= now.up) stop(run, State::timed_out, Reason::timeout);
            if (finished(run.state)) continue;
            if (run.kill_up && *run.kill_up <= now.up) {
                // Again and again until it is gone: the first may have been lost with a daemon.
                touch(run);
                run.kill_up = now.up + Seconds{10};
                effects.emplace_back(Signal{run.id, run.attempt, 9});
            }
        } else if (run.not_after && *run.not_after <= now.wall && !run.forced && run.clearing == 0) {
            const Job* job = job_of(run);
            const std::string limit = job ? local_text(*run.not_after, *job->schedule.zone) : to_string(*run.not_after);
            finish(run, State::missed, Reason::too_late, fmt::format("not started before {}", limit));
            continue;
        }
        if (run.deadline && *run.deadline <= now.wall) {
            touch(run);
            tell(run, NoticeKind::late);
            run.deadline.reset();
        }
    }
    for (auto it = owed.begin(); it != owed.end();) {
        Run& run = it->second;
        if (*run.deadline > now.wall) {
            ++it;
            continue;
        }
        tell(run, NoticeKind::late);
        run.deadline.reset();
        batch.updated.push_back(std::move(run));
        it = owed.erase(it);
    }
}

}  // namespace mc
