// simulation.h — what the daemon would do between two dates: its own engine and shell on a virtual clock, with a ledger
// in memory and a virtual executor. Deterministic: equal arguments give equal results.
//
// It simulates runs whose logical date is between the dates. Each job's schedule counts as loaded just before its first
// fire for these dates. The clock stops when all runs have ended, or `run_out` after the last date and the last fire.
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

// Larger simulations are refused: they would need too much memory, and no operator could read the result.
inline constexpr date::days simulated_days_max{1100};
inline constexpr std::size_t simulated_runs_max = 2'000'000;
inline constexpr date::days run_out{7};
// The assumed duration of a command without other information.
inline constexpr Seconds usual_duration{1};

struct SimulationAsked {
    Date from, to;                               // logical dates, inclusive
    std::set<std::pair<JobName, Date>> failing;  // (job, date): every attempt of these runs fails
    std::vector<Span> down;                      // times without a daemon; running jobs continue
    std::map<JobName, Seconds> durations;        // of commands, by job; default: usual_duration
};

struct SimulatedRun {
    Run run;
    std::optional<Seconds> waited;  // from its fire to its first start; absent: it never started
    bool late = false;              // its deadline passed before it ended
};

struct Simulated {
    std::vector<SimulatedRun> runs;                             // oldest fire first
    std::size_t most_at_once = 0;                               // the largest number of runs at the same time
    Instant most_at;                                            // when that number was first reached
    std::map<std::string, std::map<NoticeKind, int>> messages;  // by target
    std::map<std::string, int> posts;                           // by target: runs whose action is a message
};

// Error: usage, for invalid dates or spans and too many runs; calendar, for dates outside the coverage.
Result<Simulated> simulate(const Plan& plan, const ReadContext& context, const SimulationAsked& asked);

}  // namespace mc::app
