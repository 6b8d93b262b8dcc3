// sim.h — the real engine in a world of chance: a virtual clock, crashes between any two actions, a failing
// store, reboots, a clock that steps. A seed repeats a run exactly.
//
// A crash needs no hook in the engine: only a prefix of a step's actions is carried out, the engine is
// thrown away, and a new one is made from the store.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/random.h"
#include "sim/story.h"
#include "store/run_store.h"

namespace mc::sim {

// A fault planted in the world around the engine; each must be caught by the checker of its name.
enum class Planted {
    none,
    spawn_before_claim,  // 1: a command starts more often than it may
    forget_history,      // 2: fires leave no row
    forget_open_runs,    // 3: overlap and pools are exceeded
    late_by_a_minute,    // 7: what ran is not what `next` said
    forget_holds,        // held jobs start
    forget_order,        // 4: runs start before their trigger rule is met
    lost_notices,        // 5: nobody is told of what went wrong
    deaf_to_survivors,   // cleared: a run that was told to stop is taken for gone
    reasonless,          // reason: a run waits, and nobody says for what
    deaf_to_ends,        // 8: the backlog never drains
    uncounted_chance,    // 9: the same seed, another trace
};

struct Verdict {
    std::string broken;       // "" or "checker N: sentence"
    std::uint64_t trace = 0;  // hash of every action
    std::uint64_t crashes = 0, fires = 0;
};

Verdict simulate(std::uint64_t seed, Planted planted = Planted::none);

// What the checkers look at when all is over.
struct Past {
    const Story& story;
    const std::vector<test::Start>& starts;
    const std::map<RunId, int>& again;  // how often a run was put back: each time its attempts begin anew
    std::vector<Run> runs;
    Instant planned_through;
    std::vector<Notice> notices;  // each that was ever written
};

// Each returns "" or what is broken.
std::string check_starts(const Past& past);      // 1
std::string check_every_fire(const Past& past);  // 2
std::string check_told(const Past& past);        // 5
std::string check_promised(const Past& past);    // 7

}  // namespace mc::sim
