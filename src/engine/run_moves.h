// run_moves.h — the moves of a run: in which states a move is allowed, to which state it leads, and its effects.
//
// The table has an answer for every pair of a state and a move; "not allowed" is one of the answers. RunBook makes the
// moves. A move that is not allowed is a bug, and ends the program.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "engine/run.h"

namespace mc {

enum class Move {
    wait,               // for a release, an upstream job, a time, a sensor, or room on the machine
    queue,              // it can start, unless a pool, a claim or another run of its job keeps it waiting
    set_aside,          // a clear will reset it once other runs have ended
    begin,              // an attempt starts
    adopt,              // a running attempt of it was found that the ledger lacks
    put_back,           // the first attempt could not start
    put_back_to_retry,  // a later attempt could not start
    retry,              // the attempt failed, and another one follows
    // Ends.
    succeed,
    fail,
    time_out,
    kill,
    skip,
    fail_by_upstream,
    miss,
    lose,
    // An operator sets the result of a run that is not running.
    mark_success,
    mark_failed,
    mark_skipped,
    reset,  // to its beginning, for a rerun, a clear, a backfill or a recovered upstream job
};
inline constexpr std::size_t move_count = 20;

// Which of the run's fields are reset.
enum class Resets {
    nothing,
    attempt,  // the facts of the previous attempt
    limits,   // what it waited for; the deadline stays until its notification was sent
    limits_and_deadline,
    progress,  // everything, as if no attempt had been made
};
// Which notification the move sends.
enum class Tells { nothing, success, failure, missed };
// Which open alert of the job the move closes.
enum class Closes { nothing, if_late, its_own };
// What the move means for runs that depend on the run's date.
enum class Effect {
    none,
    changes,  // they are judged again
    heals,    // the same; runs that ended as upstream_failed because of it may run now
};

struct MoveRow {
    Move move;
    std::string_view name;        // "wait"
    std::span<const State> from;  // in these states it is allowed, and leads to `to`
    State to;
    std::span<const State> stays;  // in these states it is allowed, and does not change the state
    Resets resets = Resets::nothing;
    Tells tells = Tells::nothing;
    Closes closes = Closes::nothing;
    Effect effect = Effect::none;
};

// One row for each move, in the order of the enum.
std::span<const MoveRow> move_table();
const MoveRow& row_of(Move move);
// The state after the move; nullopt: the move is not allowed.
std::optional<State> state_after(State from, Move move);
// The move by which a run ends in that state. finished(end) must be true.
Move move_to(State end);
// The move that marks a run as that state: success, failed or skipped.
Move mark_as(State state);

}  // namespace mc
