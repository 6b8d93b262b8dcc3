// incidents.h — what people do to a daemon, drawn by chance.
#pragma once

#include "engine/engine.h"
#include "sim/random.h"

namespace mc::sim {

// What there is to ask about.
struct Scene {
    const Engine& engine;
    const Ledger& ledger;
    std::shared_ptr<const Plan> plan;
    RunId last_run;
    Instant now;
};

// A request of a person's, or the same file loaded again.
Event draw_request(Random& random, const Scene& scene);

}  // namespace mc::sim
