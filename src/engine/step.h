// step.h — what one step of the engine has gathered so far: facts to write, and what follows the write.
//
// A value that lives as long as the engine and is emptied at the end of each step.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"

namespace mc {

struct Step {
    Now now;
    StepWrites batch;
    std::vector<Action> effects;  // Spawn, Signal, Probe, Reply: after the Write

    // What comes of the request: it is carried out; or it may not be, now.
    void done(std::string text, std::vector<RunId> runs = {});
    void decline(std::string text, std::vector<RunId> runs = {});
    void refuse(const Error& error);
    // Adds to the note on what happened; two notes of one step are joined.
    void add_note(const std::string& note);
    // At most one Write, then the effects. `planned_through` is written only together with other facts: every fire
    // before it has its row, so that the mark may lag.
    std::vector<Action> take_actions(std::optional<Instant> planned_through);
};

// The earliest monotonic time by which `duration` has passed for sure: `up` is rounded down.
inline Seconds after(const Now& now, Seconds duration) { return now.up + Seconds{1} + duration; }

}  // namespace mc
