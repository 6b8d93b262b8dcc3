// found_attempts.h — when a daemon starts: the attempts' files on disk, compared with the ledger.
//
// A ledger that was restored, rolled back or begun anew, or is another machine's, lacks attempts that have files.
// Each of them is one of three things:
//   * a record that names a fire which the ledger lacks, or an attempt of a run which it lacks, becomes its row. With
//     that number, unless another run of the ledger has it: then the files get the next free number;
//   * a record that names no fire (version 0.1), or one of which the ledger has another account, is moved aside;
//   * the same, while its process lives, stays where it is until a later start; so does one that cannot be read, which
//     a later start looks at only where its directory has changed.
// Nothing of it is taken for the end of another run, and new numbers begin above the largest on disk.
//
// Cost: a start with its own ledger lists only directories that changed since the ledger was written last, and opens
// only what contradicts it. After another ledger lay here all files are read.
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
    moved,  // it is, and the directory was another then: this one is a copy of it
    other,
    unknown,  // the directory is new, or of version 0.1
};
Home home_of(const os::Executor& executor, const std::string& ledger);
// From now on it is. Error: process.
Result<void> settle_home(os::Executor& executor, const std::string& ledger);

struct FoundAttempts {
    RunId largest_run = 0;
    std::vector<FoundRun> runs;      // for the engine's first event
    std::size_t settled = 0;         // runs that ended long ago, and have been written into the ledger
    std::vector<std::string> moved;  // where records of others are now
    // Records of others whose process lives, what could not be moved, and what could not be read.
    std::vector<std::string> others;
};

// Writes into `store` what ended more than a day ago: nobody needs a message, a retry or an alert of it any more. All
// else is for the engine. Error: store.
Result<FoundAttempts> find_attempts(os::Executor& executor, const Recovered& recovered, RunStore& store,
                                    const Plan& plan, Instant now);

}  // namespace mc::app
