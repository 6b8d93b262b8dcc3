// incidents.h — random requests of operators to a daemon.
#pragma once

#include "engine/engine.h"
#include "sim/random.h"

namespace mc::sim {

// What a request can be about.
struct Scene {
    const Engine& engine;
    const Ledger& ledger;
    std::shared_ptr<const Plan> plan;
    RunId last_run;
    Instant now;
};

// A random request of an operator, or a reload of the same configuration.
Event draw_request(Random& random, const Scene& scene);

}  // namespace mc::sim
