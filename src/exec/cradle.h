// cradle.h — children that share our memory until they execute, while we go on.
//
// A fork copies our page tables and, after it, each page that either writes. vfork copies nothing, but holds
// the parent until the child executes, and a child may have to wait for its turn on a busy machine, or for
// its directory on a file server that hangs. Here memory is shared as by vfork, and nobody waits: the child
// has a stack of its own and touches nothing else of ours (child.h). docs/adr/0006 has the measurements.
//
// Ownership  a cradle holds its child's stack and what it was told; the kernel says when it is free again.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <memory>

#include "exec/child.h"

namespace mc::os {

class Cradles {
   public:
    static constexpr std::size_t capacity = 32;  // children between birth and program

    Cradles();
    ~Cradles();
    // Room for one more child, to be filled in and started; nullptr when none is free, and where the machine
    // knows no such children.
    Child* free();
    // `child` is of free(). Its pid; -1 with errno when there is no child.
    pid_t start(Child& child);

   private:
    struct Cradle;
    std::unique_ptr<std::array<Cradle, capacity>> cradles_;
    std::byte* stacks_ = nullptr;
};

}  // namespace mc::os
