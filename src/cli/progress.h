// progress.h — shows how far a backfill is, in one line that is updated on a terminal.
#pragma once

#include <vector>

#include "desk/open.h"
#include "engine/engine.h"

namespace mc::app {

// Waits until all these runs of the backfill have ended. Returns the exit status: 0 if each succeeded or was skipped,
// else 1. The line on stderr is updated in place, or printed once at the end. Errors: those of LedgerView::states().
enum class Counting { in_place, at_the_end };
Result<int> follow_runs(const LoadedConfig& opened, const std::vector<RunId>& runs, const BackfillAsked& asked,
                        Counting counting);

}  // namespace mc::app
