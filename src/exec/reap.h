// reap.h — reaps a child that has ended and writes its attempt's result to disk.
//
// Used by the keeper for its own children and by a warden for those that it inherited. The files can be trusted
// because of the order: find the zombie, record its end, and only then reap it.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <optional>

#include "exec/attempt_files.h"
#include "exec/attempt_table.h"
#include "exec/keeper.h"

namespace mc::os {

// A child that has ended and is not reaped yet.
struct Zombie {
    pid_t pid = 0;
    std::optional<int> exit_code, signal;
    rusage used{};
};

enum class Wait { block, look };

// One of our children that has ended; nullopt if there is none (yet).
std::optional<Zombie> find_zombie(Wait wait);
// Reaps it.
void bury(const Zombie& zombie);

struct Concluded {
    Ended ended;
    bool on_disk = false;  // false: the disk is full or fails; call put_on_disk() again later
};

// The claim that the attempt's child has made.
Claim claim_of(const AttemptEntry& entry);

// Shortens the attempt's output and records its end; removes the files of an attempt that could not begin now. nullopt
// if another process had already begun the child's attempt.
std::optional<Concluded> conclude(int state_dir, const AttemptEntry& entry, const Zombie& zombie);

// Writes the end to the attempt's files, or removes them if it never began. True on success.
bool put_on_disk(int state_dir, const Ended& ended);

}  // namespace mc::os
