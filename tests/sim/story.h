// story.h — what a seed determines: a plan, a start time, the behaviour of commands.
#pragma once

#include <memory>
#include <string>

#include "config/plan.h"
#include "sim/random.h"
#include "sim/virtual_executor.h"

namespace mc::sim {

// The one wait_until that stories draw.
constexpr Seconds wait_drawn{1500};
// The one deadline.
constexpr Seconds deadline_drawn{3600};

struct Story {
    std::string toml;
    std::shared_ptr<const Plan> plan;
    Instant start;
    Seconds length{0};
    bool is_restored = false;  // the ledger may be restored from a backup
};

Story draw_story(Random& random);
// An operator's claim for one run: also more than the capacity, and more than can be summed.
std::uint64_t draw_memory(Random& random);
Behaviour draw_behaviour(Random& random);

}  // namespace mc::sim
