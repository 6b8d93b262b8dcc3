#include "engine/run_moves.h"

#include <algorithm>

#include "base/result.h"

namespace mc {

namespace {

using S = State;

// clang-format off
constexpr State not_begun[]  = {S::scheduled, S::waiting, S::queued};
constexpr State retrying[]   = {S::retrying};
constexpr State running[]    = {S::running};
constexpr State not_running[] = {S::scheduled, S::waiting, S::queued, S::retrying};
constexpr State unfinished[] = {S::scheduled, S::waiting, S::queued, S::running, S::retrying};
constexpr State may_fail[]   = {S::scheduled, S::waiting, S::queued, S::running, S::retrying};
constexpr State but_running[] = {S::scheduled, S::waiting, S::queued, S::retrying, S::success, S::failed, S::timed_out,
                                 S::killed, S::skipped, S::upstream_failed, S::missed, S::lost};
constexpr State any[] = {S::scheduled, S::waiting, S::queued, S::running, S::retrying, S::success, S::failed,
                         S::timed_out, S::killed, S::skipped, S::upstream_failed, S::missed, S::lost};

// A run between two attempts stays `retrying` while something keeps it waiting.
constexpr std::array<MoveRow, move_count> table{{
    {Move::wait,              "wait",              not_begun,   S::waiting,         retrying},
    {Move::queue,             "queue",             not_begun,   S::queued,          retrying},
    {Move::set_aside,         "set aside",         not_running, S::waiting,         {}},
    {Move::begin,             "begin",             not_running, S::running,         {}, Resets::attempt},
    {Move::adopt,             "adopt",             any,         S::running,         {}, Resets::attempt, {}, {}, Effect::changes},
    {Move::put_back,          "put back",          running,     S::waiting,         {}},
    {Move::put_back_to_retry, "put back to retry", running,     S::retrying,        {}},
    {Move::retry,             "retry",             running,     S::retrying,        {}},
    {Move::succeed,           "succeed",           running,     S::success,         {}, Resets::limits, Tells::success, Closes::its_own, Effect::heals},
    {Move::fail,              "fail",              may_fail,    S::failed,          {}, Resets::limits, Tells::failure, {}, Effect::changes},
    {Move::time_out,          "time out",          running,     S::timed_out,       {}, Resets::limits, Tells::failure, {}, Effect::changes},
    {Move::kill,              "kill",              unfinished,  S::killed,          {}, Resets::limits, {}, {}, Effect::changes},
    {Move::skip,              "skip",              unfinished,  S::skipped,         {}, Resets::limits, {}, Closes::if_late, Effect::heals},
    {Move::fail_by_upstream,  "fail by upstream",  not_begun,   S::upstream_failed, {}, Resets::limits, {}, {}, Effect::changes},
    {Move::miss,              "miss",              not_running, S::missed,          {}, Resets::limits, Tells::missed, {}, Effect::changes},
    {Move::lose,              "lose",              running,     S::lost,            {}, Resets::limits, Tells::failure, {}, Effect::changes},
    {Move::mark_success,      "mark success",      but_running, S::success,         {}, Resets::limits_and_deadline, {}, Closes::its_own, Effect::heals},
    {Move::mark_failed,       "mark failed",       but_running, S::failed,          {}, Resets::limits_and_deadline, {}, {}, Effect::changes},
    {Move::mark_skipped,      "mark skipped",      but_running, S::skipped,         {}, Resets::limits_and_deadline, {}, Closes::its_own, Effect::heals},
    {Move::reset,             "reset",             but_running, S::queued,          {}, Resets::progress, {}, {}, Effect::changes},
}};
// clang-format on

bool contains(std::span<const State> states, State state) {
    return std::find(states.begin(), states.end(), state) != states.end();
}

}  // namespace

std::span<const MoveRow> move_table() { return table; }

const MoveRow& row_of(Move move) {
    const MoveRow& row = table.at(static_cast<std::size_t>(move));
    check(row.move == move, "the rows are in the order of the moves");
    return row;
}

std::optional<State> state_after(State from, Move move) {
    const MoveRow& row = row_of(move);
    if (contains(row.stays, from)) return from;
    return contains(row.from, from) ? std::optional(row.to) : std::nullopt;
}

Move move_to(State end) {
    switch (end) {
        case State::success: return Move::succeed;
        case State::failed: return Move::fail;
        case State::timed_out: return Move::time_out;
        case State::killed: return Move::kill;
        case State::skipped: return Move::skip;
        case State::upstream_failed: return Move::fail_by_upstream;
        case State::missed: return Move::miss;
        case State::lost: return Move::lose;
        case State::scheduled:
        case State::waiting:
        case State::queued:
        case State::running:
        case State::retrying: break;
    }
    check(false, "a run ends in a finished state");
    return Move::fail;
}

Move mark_as(State state) {
    check(state == State::success || state == State::failed || state == State::skipped, "these can be marked");
    if (state == State::success) return Move::mark_success;
    return state == State::failed ? Move::mark_failed : Move::mark_skipped;
}

}  // namespace mc
