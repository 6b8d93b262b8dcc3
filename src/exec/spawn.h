// spawn.h — starts one attempt: a child that executes the job's program.
//
// The child claims the attempt (attempt_files.h) before it executes a program, so that an attempt requested
// twice starts once. It enters a failure into its table entry, where the process that reaps it reads it.
//
// It shares our memory until it executes (cradle.h). Only a child that switches to another user is forked, so
// that another user's process never has our memory.
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
    int null = -1;           // /dev/null, for jobs without input
    std::uint32_t user = 0;  // our own uid
};

// The mark of an attempt of that state directory.
TreeMark tree_mark(const SpawnPlace& place, std::int64_t run, int attempt, const std::string& identity);

// Fills `entry` and returns the child's pid; 0 if there is no child, with the cause in `entry`. Without a child the
// attempt is claimed only if it can never begin.
// All signals must be blocked; the child unblocks them. `place` must exist until the child has executed its program.
pid_t spawn(const SpawnPlace& place, Cradles& cradles, const Launch& launch, AttemptEntry& entry);

// The possible paths of its program, in order: like execvp, but with the PATH of its environment, not ours.
std::vector<std::string> programs_of(const Launch& launch);

// nullopt if the attempt can never begin, or has begun.
std::optional<Hindrance> hindrance_of(const AttemptEntry& entry);

// One sentence: "cannot execute /opt/x: No such file or directory".
std::string spawn_error_text(SpawnStep step, int failure, const char* subject);

}  // namespace mc::os
