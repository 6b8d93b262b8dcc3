// simulation.h — what the daemon would do between two dates: its own engine on a virtual clock, with a
// ledger in memory and a machine that only pretends. Pure: the same question has the same answer.
//
// Runs are those whose logical date lies between the dates. Each job's schedule counts as loaded just before
// its first fire for them; the clock stops when all have ended, or `run_out` after the last date and the last fire.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "config/plan.h"
#include "engine/run.h"

namespace mc::app {

// More is refused: it is more than a person can read, or a machine can hold.
inline constexpr date::days simulated_days_max{1100};
inline constexpr std::size_t simulated_runs_max = 2'000'000;
inline constexpr date::days run_out{7};
// A command of which nothing else is known takes so long.
inline constexpr Seconds usual_duration{1};

struct SimulationAsked {
    Date from, to;                                   // logical dates, inclusive
    std::set<std::pair<std::string, Date>> failing;  // every attempt of that job's runs for that date
    std::vector<Span> down;                          // no daemon then; jobs go on
    std::map<std::string, Seconds> durations;        // by job
};

struct SimulatedRun {
    Run run;
    std::optional<Seconds> waited;  // from its fire to its first start; absent: it never started
    bool late = false;              // its deadline passed, and that was told
};

struct Simulated {
    std::vector<SimulatedRun> runs;                             // oldest fire first
    std::size_t most_at_once = 0;                               // of these
    Instant most_at;                                            // when that was so first
    std::map<std::string, std::map<NoticeKind, int>> messages;  // by target
    std::map<std::string, int> posts;                           // by target: jobs that are a message
};

// Error: usage, for dates, spans or numbers of runs that are refused; calendar, beyond coverage.
Result<Simulated> simulate(const Plan& plan, const ReadContext& context, const SimulationAsked& asked);

}  // namespace mc::app
