// progress.h — how far a backfill is: one line that is written over on a terminal, and the end of it in words.
#pragma once

#include <vector>

#include "desk/open.h"
#include "engine/engine.h"

namespace mc::app {

// Returns when all of the runs, which that backfill made, have ended: 0 when each succeeded or was skipped, else 1. The
// line on stderr changes in place as they end, or is printed once at the end.
// Ctrl-C leaves them running. Error: store.
enum class Counting { in_place, at_the_end };
Result<int> follow_runs(const LoadedConfig& opened, const std::vector<RunId>& runs, const BackfillAsked& asked,
                        Counting counting);

}  // namespace mc::app
