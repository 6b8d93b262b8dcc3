// run_changes.cpp — how RunBook changes a run: its moves by the table, and its other facts.
#include <cstdlib>

#include "engine/run_book.h"

namespace mc {

// ---- moves

const MoveRow& RunBook::move(const Run& at_hand, Move move, Because why) {
    Run& run = changing(at_hand);
    const MoveRow& row = row_of(move);
    const auto to = state_after(run.state, move);
    check(to.has_value(), "the move is allowed in the run's state");
    // The end of the latest attempt stays: `finished` belongs to `started`.
    if (finished(*to) && !finished(run.state) && !run.finished) run.finished = step_.now.wall;
    run.state = *to;
    run.reason = why.reason;
    run.reason_data = std::move(why.data);
    run.detail = std::move(why.detail);
    reset_fields(run, row.resets);
    if (row.effect != Effect::none) note_change(run);
    if (row.effect == Effect::heals) heal(run);
    if (run.state == State::success) succeeded_jobs_.insert(run.job);
    return row;
}

void RunBook::reset_fields(Run& run, Resets resets) const {
    switch (resets) {
        case Resets::nothing: return;
        case Resets::progress:
            run.attempts_before = run.attempt;
            run.bypasses_gates = false;
            run.sensing_since.reset();
            [[fallthrough]];
        case Resets::attempt:
            run.started.reset();
            run.finished.reset();
            run.exit_code.reset();
            run.signal.reset();
            run.max_rss_bytes.reset();
            run.cpu_seconds.reset();
            run.not_before.reset();
            run.ending.reset();
            run.kill_up.reset();
            return;
        case Resets::limits_and_deadline: run.deadline.reset(); [[fallthrough]];
        case Resets::limits:
            run.ending.reset();
            run.not_before.reset();
            run.not_after.reset();
            run.timeout_up.reset();
            run.kill_up.reset();
            run.sensing_since.reset();
            return;
    }
}

bool RunBook::is_already(const Run& run, Move move, const Because& why) {
    return run.state == state_after(run.state, move) && run.reason == why.reason && run.detail == why.detail &&
           run.reason_data == why.data;
}

void RunBook::wait(const Run& run, Because why) {
    if (!is_already(run, Move::wait, why)) move(run, Move::wait, std::move(why));
}

void RunBook::queue(const Run& run, Because why) {
    if (!is_already(run, Move::queue, why)) move(run, Move::queue, std::move(why));
}

void RunBook::set_aside(const Run& run, Because why) { move(run, Move::set_aside, std::move(why)); }

void RunBook::begin(const Run& at_hand, Begin how) {
    move(at_hand, Move::begin, {});
    Run& run = own(at_hand);
    ++run.attempt;
    run.sensing_since.reset();
    run.started = how.started;
    run.timeout_up = how.timeout_up;
    run.generation = std::move(how.generation);
    run.user = std::move(how.user);
}

const Run& RunBook::adopt(const Run& row, const Run& found) {
    const Run& at_hand = bring(row);
    move(at_hand, Move::adopt, {});
    Run& run = own(at_hand);
    run.attempt = found.attempt;
    run.attempts_before = found.attempts_before;
    run.started = found.started;
    run.timeout_up = found.timeout_up;
    run.generation = found.generation;
    run.user = found.user;
    return run;
}

void RunBook::put_back(const Run& at_hand, Because why) {
    Run& run = own(at_hand);
    --run.attempt;  // the attempt did not start; its number is used again
    const bool is_later = run.attempt > run.attempts_before;
    move(run, is_later ? Move::put_back_to_retry : Move::put_back, std::move(why));
    run.started.reset();
    run.timeout_up.reset();
}

void RunBook::attempt_ended(const Run& at_hand, const Outcome& outcome, const Ending& ending) {
    Run& run = changing(at_hand);
    if (outcome.started != Instant{}) run.started = outcome.started;
    run.finished = outcome.finished != Instant{} ? outcome.finished : step_.now.wall;
    run.exit_code = outcome.exit_code;
    run.signal = outcome.signal;
    if (!outcome.lost && !outcome.hindered && outcome.spawn_error.empty()) {
        run.max_rss_bytes = outcome.max_rss_bytes;
        run.cpu_seconds = outcome.cpu_seconds;
    }
    run.timeout_up.reset();
    run.kill_up.reset();
    step_.batch.attempts.push_back(Attempt{run.id, run.attempt, ending.state, ending.why.reason, *run.started,
                                           *run.finished, run.exit_code, run.signal, outcome.max_rss_bytes,
                                           outcome.cpu_seconds});
}

void RunBook::retry(const Run& at_hand, const Ending& ending, Instant at) {
    move(at_hand, Move::retry, ending.why);
    Run& run = own(at_hand);
    run.ending.reset();
    run.not_before = at;
}

const MoveRow& RunBook::end(const Run& run, State state, Because why) {
    return move(run, move_to(state), std::move(why));
}

const MoveRow& RunBook::mark(const Run& run, State state, Because why) {
    return move(run, mark_as(state), std::move(why));
}

const Run& RunBook::reset(const Run& row, Origin origin, const Run* fresh) {
    const Run& at_hand = bring(row);
    move(at_hand, Move::reset, {});
    Run& run = own(at_hand);
    run.origin = origin;
    run.not_before = fresh ? fresh->not_before : std::nullopt;
    run.not_after = fresh ? fresh->not_after : std::nullopt;
    run.deadline = fresh ? fresh->deadline : std::nullopt;
    return run;
}

// ---- other facts

void RunBook::limit(const Run& at_hand, std::optional<Instant> not_before, std::optional<Instant> not_after,
                    std::optional<Instant> deadline) {
    Run& run = changing(at_hand);
    run.not_before = not_before;
    run.not_after = not_after;
    run.deadline = deadline;
}

void RunBook::override_with(const Run& run, RunOverrides overrides) {
    static_cast<RunOverrides&>(changing(run)) = std::move(overrides);
}

void RunBook::bypass_gates(const Run& run) { changing(run).bypasses_gates = true; }
void RunBook::respect_gates(const Run& run) { changing(run).bypasses_gates = false; }

void RunBook::count_as_caught_up(const Run& run) { changing(run).origin = Origin::catch_up; }

void RunBook::move_fire(const Run& run, Instant due) { changing(run).fire = due; }

void RunBook::join_batch(const Run& at_hand, std::int64_t batch, int width) {
    Run& run = changing(at_hand);
    run.batch = batch;
    run.batch_width = width;
}

void RunBook::leave_batch(const Run& run) { changing(run).batch = 0; }

void RunBook::join_clear(const Run& run, std::int64_t clear) {
    changing(run).clearing = clear;
    changing(run).clear_part = ClearPart::reset;
    note_change(run);  // it counts as no success until it has run again
}

void RunBook::only_end_for_clear(const Run& run) {
    if (run.clearing != 0) changing(run).clear_part = ClearPart::nothing;
}

void RunBook::leave_clear(const Run& run) {
    changing(run).clearing = 0;
    changing(run).clear_part = ClearPart::reset;
    note_change(run);
}

void RunBook::sense_since(const Run& run, std::optional<Instant> since) { changing(run).sensing_since = since; }

void RunBook::ask_end(const Run& at_hand, State ending, Because why, Seconds kill_up) {
    end_as(at_hand, ending, std::move(why));
    Run& run = own(at_hand);
    run.timeout_up.reset();
    run.kill_up = kill_up;
}

void RunBook::end_as(const Run& at_hand, State ending, Because why) {
    Run& run = changing(at_hand);
    run.ending = ending;
    run.reason = why.reason;
    run.reason_data = std::move(why.data);
    run.detail = std::move(why.detail);
}

void RunBook::time_again(const Run& at_hand, std::optional<Seconds> timeout_up) {
    Run& run = changing(at_hand);
    run.ending.reset();
    run.reason = Reason::none;
    run.reason_data = {};
    run.detail.clear();
    run.kill_up.reset();
    run.timeout_up = timeout_up;
}

void RunBook::kill_again_at(const Run& run, Seconds up) { changing(run).kill_up = up; }

void RunBook::deadline_told(const Run& run) { changing(run).deadline.reset(); }

void RunBook::count_in_alert(const Run& run, RunId alert) {
    if (const auto late = late_untold_.find(run.id); late != late_untold_.end()) late->second.alert = alert;
    if (find(run.id)) changing(run).alert = alert;
}

void RunBook::late_told(RunId id) {
    auto told = late_untold_.extract(id);
    told.mapped().deadline.reset();
    step_.batch.updated.push_back(std::move(told.mapped()));
}

}  // namespace mc
