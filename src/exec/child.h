// child.h — a child of the keeper, from its creation until it executes the job's program.
//
// It may share the keeper's memory while both run (spawn.h). So from run_child on it makes system calls
// directly (raw_call.h), allocates nothing, takes no lock, and changes nothing that is not its own.
#pragma once

#include <string>
#include <vector>

#include "exec/attempt_files.h"
#include "exec/attempt_table.h"
#include "exec/keeper.h"

namespace mc::os {

// Everything the child needs, prepared in advance, so that it reaches its program in few steps.
struct Child {
    Launch launch;  // its own copy: the keeper continues meanwhile
    AttemptEntry* entry = nullptr;
    int state_dir = -1;
    const char* boot = nullptr;  // boot_id()
    int input = -1;              // its standard input; -errno if that could not be created
    bool change_identity = false;
    AttemptPath claim{}, output{};
    std::string identity, owner;
    std::vector<std::string> marks;     // further variables of its environment
    std::size_t pid_place = 0;          // where in the first mark its own pid goes: TreeMark::main_digits
    std::vector<std::string> programs;  // paths to try, in order
    std::vector<char*> argv, env;       // point into the fields above; end with nullptr
};

// Claims the attempt and executes the job's program. Returns only after a failure, with the exit code;
// the table entry then has the cause. All signals must be blocked; it unblocks them.
int run_child(Child& child);

}  // namespace mc::os
