// child.h — a child of the keeper between its birth and its program.
//
// It may share the keeper's memory while both run (spawn.h). So from run_child on it asks the kernel
// directly (raw_call.h), allocates nothing, takes no lock, and leaves alone what is not its own.
#pragma once

#include <string>
#include <vector>

#include "exec/attempt_files.h"
#include "exec/attempt_table.h"
#include "exec/keeper.h"

namespace mc::os {

// Everything the child needs, made beforehand, so that it gets to its program by the shortest way.
struct Child {
    Launch launch;  // its own: the keeper goes on meanwhile
    AttemptEntry* entry = nullptr;
    int state_dir = -1;
    const char* boot = nullptr;  // boot_id()
    int input = -1;              // what it reads; below zero, there was no making it
    bool change_identity = false;
    AttemptPath claim{}, output{};
    std::string identity, owner;
    std::vector<std::string> marks;     // more of its environment
    std::size_t pid_place = 0;          // in the first of them: TreeMark::main_digits for its own pid
    std::vector<std::string> programs;  // paths to try, in order
    std::vector<char*> argv, env;       // into the above; end with nullptr
};

// Claims the attempt and executes the job's program. Returns only when it could not, with what to exit
// with; the table entry then says why. All signals must be blocked; it unblocks them.
int run_child(Child& child);

}  // namespace mc::os
