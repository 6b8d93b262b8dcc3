// cradle.h — children that share our memory until they execute their program, while we continue.
//
// A fork copies our page tables and then each page that parent or child writes. vfork copies nothing, but stops
// the parent until the child executes, and the child may have to wait for the processor on a busy machine, or for
// its directory on a file server that hangs. Here memory is shared as with vfork, but the parent does not wait: the
// child has its own stack and writes nothing else of ours (child.h). docs/adr/0006 has the measurements.
//
// Ownership  a cradle holds its child's stack and arguments; the kernel reports when it is free again.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <memory>

#include "exec/child.h"

namespace mc::os {

class Cradles {
   public:
    static constexpr std::size_t capacity = 32;  // children that have not executed their program yet

    Cradles();
    ~Cradles();
    // A free child to fill in and start; nullptr if none is free or the machine does not support such children.
    Child* free();
    // `child` must come from free(). Returns its pid, or -1 with errno.
    pid_t start(Child& child);

   private:
    struct Cradle;
    std::unique_ptr<std::array<Cradle, capacity>> cradles_;
    std::byte* stacks_ = nullptr;
};

}  // namespace mc::os
