// sim.h — the real engine in a world of chance: a virtual clock, crashes between any two actions, a failing
// store, reboots, a clock that steps. A seed repeats a run exactly.
//
// A crash needs no hook in the engine: only a prefix of a step's actions is carried out, the engine is
// thrown away, and a new one is made from the store.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sim/planted.h"
#include "sim/random.h"
#include "sim/story.h"
#include "store/run_store.h"

namespace mc::sim {

struct TriggerVerdict {
    std::string broken;       // "" or "checker N: sentence"
    std::uint64_t trace = 0;  // hash of every action
    std::uint64_t crashes = 0, fires = 0;
};

// Hears each thing that happens, in order; may be empty.
using Listener = std::function<void(const std::string& line)>;
TriggerVerdict simulate(std::uint64_t seed, Planted planted = Planted::none, Listener listener = {});

// What the checkers look at when all is over.
struct Past {
    const Story& story;
    const std::vector<Start>& starts;
    // How often the run of a fire (job, key) was reset: each time its attempts begin again.
    const std::map<std::pair<std::string, FireKey>, int>& again;
    const std::set<RunId>& stillborn;  // whose first row said that they would not run: missed, superseded
    const std::set<RunId>& reopened;   // that had ended, and were to run again
    std::vector<Run> runs;
    Instant planned_through;
    std::vector<Notice> notices;  // each that was ever written
    std::set<std::int64_t> arrived;
    std::vector<Alert> alerts;  // that are open
    bool clock_was_set;
};

// Each returns "" or what is broken.
std::string check_starts(const Past& past);      // 1
std::string check_every_fire(const Past& past);  // 2
std::string check_told(const Past& past);        // 5
std::string check_late(const Past& past);        // late
std::string check_messages(const Past& past);    // message
std::string check_alerts(const Past& past);      // alert
std::string check_promised(const Past& past);    // 7

}  // namespace mc::sim
