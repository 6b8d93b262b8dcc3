// step.h — the results of one step of the engine: the facts to write, and the actions after the write.
//
// It lives as long as the engine and is emptied at the end of each step.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"

namespace mc {

struct Step {
    Now now;
    StepWrites batch;
    std::vector<Action> effects;  // Spawn, Signal, Probe, Reply; carried out after the Write

    // The reply to the request: it was carried out; it is not possible in the present state; it contains an error.
    void done(std::string text, std::vector<RunId> runs = {});
    void decline(std::string text, std::vector<RunId> runs = {});
    void refuse(const Error& error);
    // Adds to the operator's note; two notes of one step are joined.
    void add_note(const std::string& note);
    // At most one Write, then the effects. `planned_through` is written only together with other facts: it may lag,
    // because every fire before it has its row.
    std::vector<Action> take_actions(std::optional<Instant> planned_through);
};

// The earliest monotonic time at which `duration` has certainly passed: `up` is rounded down.
inline Seconds after(const Now& now, Seconds duration) { return now.up + Seconds{1} + duration; }

}  // namespace mc
