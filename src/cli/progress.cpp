#include "cli/progress.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <thread>

#include "desk/ledger_view.h"

namespace mc::app {

namespace {

constexpr auto look_again_after = std::chrono::milliseconds(250);

struct Count {
    std::map<State, std::size_t> ended;
    std::size_t done = 0, running = 0, all = 0;
    std::vector<RunId> open;  // not ended yet, as far as is known
};

// "37 of 120 done: 35 success, 2 failed; 1 running"
std::string line_of(const Count& count) {
    std::string text = fmt::format("{} of {} done", count.done, count.all);
    const char* before = ": ";
    for (const auto& [state, number] : count.ended)
        text += fmt::format("{}{} {}", std::exchange(before, ", "), number, to_text(state));
    if (count.running > 0) text += fmt::format("; {} running", count.running);
    return text;
}

// The present states. A run that is no longer in the ledger is absent; it is not waited for.
using States = std::map<RunId, State>;

void take(const States& states, Count& count) {
    count.running = 0;
    std::erase_if(count.open, [&](RunId id) {
        const auto state = states.find(id);
        if (state == states.end()) return true;
        if (!finished(state->second)) {
            count.running += state->second == State::running ? 1 : 0;
            return false;
        }
        ++count.done;
        ++count.ended[state->second];
        return true;
    });
}

}  // namespace

Result<int> follow_runs(const LoadedConfig& opened, const std::vector<RunId>& runs, const BackfillAsked& asked,
                        Counting counting) {
    const bool in_place = counting == Counting::in_place;
    const auto view = ledger_view(opened);
    Count count;
    count.open = runs;
    count.all = runs.size();
    while (true) {
        const auto states = view->states(count.open, asked);
        if (!states) return tl::unexpected(states.error());
        take(*states, count);
        if (in_place) fmt::print(stderr, "\r{}\033[K", line_of(count));
        if (count.open.empty()) break;
        std::this_thread::sleep_for(look_again_after);
    }
    fmt::print(stderr, "{}{}\n", in_place ? "\r\033[K" : "", line_of(count));
    return count.ended[State::success] + count.ended[State::skipped] == count.all ? 0 : 1;
}

}  // namespace mc::app
