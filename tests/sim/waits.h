// waits.h — checker 13: what a run waits for is true, and no run waits for nothing.
#pragma once

#include <string>

#include "sim/model.h"
#include "sim/sensing.h"

namespace mc::sim {

// What the machine has refused to start, and when (monotonic).
struct Refusals {
    std::map<RunId, Seconds> of_run;
    std::optional<Seconds> of_all;
};

// Call it when everything that is due has been done: "" or the violation.
std::string check_reasons(const Engine& engine, const World& world, const Sensing& sensing, const Refusals& refusals);

}  // namespace mc::sim
