#include "app/progress.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <thread>

#include "app/narrator.h"

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

void look(const RunStore& store, Count& count) {
    count.running = 0;
    std::erase_if(count.open, [&](RunId id) {
        const auto run = store.by_id(id);
        if (run && !finished(run->state)) count.running += run->state == State::running ? 1 : 0;
        if (!run || !finished(run->state)) return !run;
        ++count.done;
        ++count.ended[run->state];
        return true;
    });
}

}  // namespace

Result<int> follow_runs(const Opened& opened, const std::vector<RunId>& runs, bool live) {
    const auto store = open_ledger(opened);
    if (!store) return tl::unexpected(store.error());
    if (!*store) return 0;
    Count count;
    count.open = runs;
    count.all = runs.size();
    while (true) {
        look(**store, count);
        if (live) fmt::print(stderr, "\r{}\033[K", line_of(count));
        if (count.open.empty()) break;
        std::this_thread::sleep_for(look_again_after);
    }
    fmt::print(stderr, "{}{}\n", live ? "\r\033[K" : "", line_of(count));
    return count.ended[State::success] + count.ended[State::skipped] == count.all ? 0 : 1;
}

}  // namespace mc::app
