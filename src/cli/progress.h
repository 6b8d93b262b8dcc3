// progress.h — how far a backfill is: one line that is written over on a terminal, and the end of it in words.
#pragma once

#include <vector>

#include "desk/open.h"
#include "engine/engine.h"

namespace mc::app {

// Returns when all of the runs, which that backfill made, have ended: 0 when each succeeded or was skipped, else 1. With `live` the line on stderr
// changes as they end. Ctrl-C leaves them running. Error: store.
Result<int> follow_runs(const Opened& opened, const std::vector<RunId>& runs, const BackfillAsked& asked, bool live);

}  // namespace mc::app
