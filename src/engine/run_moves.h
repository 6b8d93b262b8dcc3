// run_moves.h — the moves of a run: which move is allowed in which state, where it leads, and what it brings with it.
//
// The table is total: every pair of a state and a move has an answer, and "not allowed" is one of them. RunBook makes
// the moves; a move that is not allowed is a mistake of ours and ends the program.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "engine/run.h"

namespace mc {

enum class Move {
    wait,               // for a release, an upstream job, a time, a sensor, or room on the machine
    queue,              // it may start; at most a pool, a claim, a hold of its own job's turn keeps it
    set_aside,          // a clear will reset it, and waits until other runs have ended
    begin,              // an attempt begins
    adopt,              // an attempt of it was found alive that the ledger does not know
    put_back,           // the attempt could not begin; it is the first
    put_back_to_retry,  // the same, of a later one
    retry,              // the attempt went wrong, and another one follows
    // Ends.
    succeed,
    fail,
    time_out,
    kill,
    skip,
    fail_by_upstream,
    miss,
    lose,
    // An operator's word on a run that is not running.
    mark_success,
    mark_failed,
    mark_skipped,
    reset,  // back to the start, for a rerun, a clear, a backfill or a recovered upstream
};
inline constexpr std::size_t move_count = 20;

// Which of the run's fields begin again.
enum class Resets {
    nothing,
    attempt,  // what the row says of the attempt before
    limits,   // what it waited for; the deadline stays until somebody was told
    limits_and_deadline,
    progress,  // all: it is as if no attempt had been made
};
// What the run's notify rules are asked for.
enum class Tells { nothing, success, failure, missed };
// Which open alert of the job ends.
enum class Closes { nothing, if_late, its_own };
// What runs that depend on the run's date have to see.
enum class Effect {
    none,
    changes,  // they are judged again
    heals,    // the same; and runs that ended as upstream_failed because of it may run after all
};

struct MoveRow {
    Move move;
    std::string_view name;        // "wait"
    std::span<const State> from;  // from these it leads to `to`
    State to;
    std::span<const State> stays;  // in these it is allowed, and the state stays
    Resets resets = Resets::nothing;
    Tells tells = Tells::nothing;
    Closes closes = Closes::nothing;
    Effect effect = Effect::none;
};

// One row for each move, in the order of the enum.
std::span<const MoveRow> move_table();
const MoveRow& row_of(Move move);
// The state after the move; nullopt: it is not allowed.
std::optional<State> state_after(State from, Move move);
// The move by which a run ends in that state. `end` is finished.
Move move_to(State end);
// The mark for that state: success, failed or skipped.
Move mark_as(State state);

}  // namespace mc
