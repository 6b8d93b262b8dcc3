// sim.h — simulates the real engine under random conditions: a virtual clock, crashes between any two actions, a
// failing store, reboots, changes of the clock. A seed repeats a simulation exactly.
//
// A crash needs no hook in the engine: only a prefix of a step's actions is carried out, the engine is
// destroyed, and a new one is created from the store.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/planted.h"
#include "sim/random.h"
#include "sim/story.h"
#include "store/run_store.h"

namespace mc::sim {

struct TriggerVerdict {
    std::vector<std::string> broken;  // "checker N: sentence"; several if a fault is planted
    std::uint64_t trace = 0;          // hash of every action
    std::uint64_t crashes = 0, fires = 0;
};

// Called for each event, in order; may be empty.
using Listener = std::function<void(const std::string& line)>;
// Ends with the first violation; if a fault is planted, with the first that begins with `wanted`.
TriggerVerdict simulate(std::uint64_t seed, Planted planted = Planted::none, Listener listener = {},
                        std::string_view wanted = "");

// A plan, and the planned time after which the fires are its own.
struct Epoch {
    Instant from;
    std::shared_ptr<const Plan> plan;
};

// What the checkers check at the end.
struct Past {
    const Story& story;
    const std::vector<Epoch>& epochs;
    // The fires that became due because a calendar changed.
    const std::set<std::pair<std::string, FireKey>>& moved_here;
    const std::vector<Start>& starts;
    // How often the run of a fire (job, key) was reset: each time its attempts begin again.
    const std::map<std::pair<std::string, FireKey>, int>& again;
    const std::set<RunId>& stillborn;  // runs that were missed or superseded in their first row
    const std::set<RunId>& reopened;   // runs that had ended and were to run again
    std::vector<Run> runs;
    Instant planned_through;
    std::vector<Notice> notices;  // all that were ever written
    std::set<std::int64_t> arrived;
    std::vector<Alert> alerts;  // open ones
    bool clock_was_set;
};

// Each returns "" or the violation.
std::string check_starts(const Past& past);      // 1
std::string check_every_fire(const Past& past);  // 2
std::string check_told(const Past& past);        // 5
std::string check_late(const Past& past);        // late
std::string check_messages(const Past& past);    // message
std::string check_alerts(const Past& past);      // alert
std::string check_promised(const Past& past);    // 7

}  // namespace mc::sim
