// ends.h — checker 12: a run moves as its job, its attempts and the operators' requests say.
#pragma once

#include <string>

#include "sim/model.h"
#include "sim/sensing.h"

namespace mc::sim {

// One run in a write.
struct Moved {
    const Run* before;  // null: the row is new
    const Run& after;
    const StepWrites& batch;
    const World& world;  // before the write
    const Sensing& sensing;
    bool clock_was_set = false;
    bool is_told = true;  // whether the machine told how the attempts ended
};

// Each returns "" or the violation.
std::string check_move(const Moved& moved);
// A run that has ended because of its upstream jobs; `world` is after the write.
std::string check_blocked(const Run& run, const World& world);
// An attempt starts; `run` is its row.
std::string check_start_of(const Run& run, const World& world, const Sensing& sensing, bool clock_was_set);

}  // namespace mc::sim
