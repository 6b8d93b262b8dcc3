#include "cli/progress.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <thread>

#include "desk/remote_ledger.h"

namespace mc::app {

namespace {

constexpr auto look_again_after = std::chrono::milliseconds(250);

struct Count {
    std::map<State, std::size_t> ended;
    std::size_t done = 0, running = 0, all = 0;
    std::vector<RunId> open;  // not known to have ended
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

// How each of them is now; one that is not known any more is left out.
using States = std::map<RunId, State>;

Result<States> states_of(const RunStore& store, const std::vector<RunId>& runs) {
    States states;
    for (const RunId id : runs) {
        const auto run = store.by_id(id);
        if (!run) return tl::unexpected(run.error());
        if (*run) states.emplace(id, (*run)->state);
    }
    return states;
}

Result<States> far_states(const LoadedConfig& opened, const BackfillAsked& asked) {
    RunFilter filter;
    filter.jobs = asked.jobs;
    filter.from = asked.from;
    filter.to = asked.to;
    filter.limit = SIZE_MAX;
    const auto runs = remote_runs(opened, filter);
    if (!runs) return tl::unexpected(runs.error());
    States states;
    for (const Run& run : *runs) states.emplace(run.id, run.state);
    return states;
}

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
    const bool far = ledger_is_closed(opened);
    const auto store = far ? Result<std::unique_ptr<RunStore>>() : open_ledger(opened);
    if (!store) return tl::unexpected(store.error());
    if (!far && !*store) return 0;
    Count count;
    count.open = runs;
    count.all = runs.size();
    while (true) {
        const auto states = far ? far_states(opened, asked) : states_of(**store, count.open);
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
