// reap.h — takes in a child that has ended and leaves its attempt's outcome on disk.
//
// Used by the keeper for its own children and by a warden for those it inherited. The order is what
// makes the disk trustworthy: look at the zombie, record its end, only then let the zombie go.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <optional>

#include "exec/attempt_files.h"
#include "exec/attempt_table.h"
#include "exec/keeper.h"

namespace mc::os {

// A child that has ended and still is a zombie.
struct Zombie {
    pid_t pid = 0;
    std::optional<int> exit_code, signal;
    rusage used{};
};

enum class Wait { block, look };

// Some child of ours that has ended; nothing when there is none (yet).
std::optional<Zombie> find_zombie(Wait wait);
// Lets it go.
void bury(const Zombie& zombie);

struct Concluded {
    Ended ended;
    bool on_disk = false;  // else try put_on_disk() again: the disk is full, or fails
};

// The claim of an attempt that has begun, as its child made it.
Claim claim_of(const AttemptEntry& entry);

// Shortens the attempt's output and records its end; removes the files of one that could not begin now. Nothing
// for a child that found its attempt begun by another.
std::optional<Concluded> conclude(int state_dir, const AttemptEntry& entry, const Zombie& zombie);

// Makes the attempt's files say how it ended, or that it never began. Whether they do.
bool put_on_disk(int state_dir, const Ended& ended);

}  // namespace mc::os
