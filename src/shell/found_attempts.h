// found_attempts.h — when a daemon starts: the attempts' files on disk, compared with the ledger.
//
// A ledger that was restored, rolled back, created again, or copied from another machine lacks attempts that have
// files. What happens to a record of such an attempt:
//   * It names a fire that the ledger lacks, or an attempt that a run of the ledger lacks: it becomes a row. The row
//     keeps the number, unless another run of the ledger has it: then the files get the next free number.
//   * It names no fire (version 0.1), or it contradicts the ledger's row: it is moved aside.
//   * It should be moved aside, but its process is still running: it stays until a later start of the daemon.
//   * It cannot be read: it stays. A later start reads it again only if its directory has changed.
// No such record counts as the end of another run, and new numbers begin above the largest number on disk.
//
// Cost: a start with the same ledger lists only directories that changed since the ledger was last written, and opens
// only files that contradict it. After another ledger was used here, all files are read.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "config/plan.h"
#include "engine/engine.h"
#include "exec/executor.h"
#include "shell/attempt_owner.h"
#include "store/run_store.h"

namespace mc::app {

// Whether the ledger is the one that was last used in this state directory.
enum class Home {
    same,
    moved,  // the same ledger, but the directory is a copy of the one that was used then
    other,
    unknown,  // the directory is new, or of version 0.1
};
Home home_of(const os::Executor& executor, const std::string& ledger);
// Records that this ledger is used here: home_of() returns Home::same from now on. Error: process.
Result<void> settle_home(os::Executor& executor, const std::string& ledger);

struct FoundAttempts {
    RunId largest_run = 0;
    std::vector<FoundRun> runs;      // for the engine's first event
    std::size_t settled = 0;         // runs that ended long ago and were written into the ledger
    std::vector<std::string> moved;  // the new places of records that do not belong to this ledger
    // Records that stay: their process is running, they could not be moved, or they could not be read.
    std::vector<std::string> others;
};

// Writes into `store` what ended more than a day ago: it needs no notification, retry or alert any more. Everything
// else is for the engine. Error: store.
Result<FoundAttempts> find_attempts(os::Executor& executor, const Recovered& recovered, RunStore& store,
                                    const Plan& plan, Instant now);

}  // namespace mc::app
