// spawn.h — starts one attempt: a child that executes the job's program.
//
// The child claims the attempt (attempt_files.h) before it executes anything, so an attempt asked for
// twice starts once. It enters what it could not do into its table entry; whoever reaps it reads it there.
//
// It shares our memory until it executes (cradle.h), unless it becomes another user: that one is forked, so
// that nothing of ours is ever in another user's process.
#pragma once

#include <string>
#include <vector>

#include "exec/attempt_table.h"
#include "exec/cradle.h"
#include "exec/keeper.h"
#include "exec/process_tree.h"
#include "os/obstacle.h"

namespace mc::os {

// Where the attempts of one state directory are started.
struct SpawnPlace {
    int state_dir = -1;
    std::string boot;        // boot_id()
    std::string directory;   // file_identity() of the state directory
    int null = -1;           // /dev/null, for jobs without a text to read
    std::uint32_t user = 0;  // who we are
};

// In that place.
TreeMark tree_mark(const SpawnPlace& place, std::int64_t run, int attempt, const std::string& identity);

// Fills `entry` and returns the child's pid; 0 when there is no child, and `entry` says why. Without a child the
// attempt is claimed only where it can never begin.
// All signals must be blocked; the child unblocks them. `place` must outlast the child's way to its program.
pid_t spawn(const SpawnPlace& place, Cradles& cradles, const Launch& launch, AttemptEntry& entry);

// The paths at which its program may be, in order: as execvp looks, but in its own PATH, not ours.
std::vector<std::string> programs_of(const Launch& launch);

// Nothing where it can never begin, or did.
std::optional<Hindrance> hindrance_of(const AttemptEntry& entry);

// One sentence: "cannot execute /opt/x: No such file or directory".
std::string spawn_error_text(SpawnStep step, int failure, const char* subject);

}  // namespace mc::os
