// warden.h — stands above the keeper and only waits.
//
// A chain of processes, each the parent and subreaper of the next: warden, warden, keeper. When one is
// killed, its children fall to the next above, which reaps them, records their ends, and starts what is
// missing below itself on the same socket. Two wardens, so that a job survives also the death of the
// warden that inherited it.
#pragma once

#include "exec/keeper_process.h"

namespace mc::os {

// In a fresh child of start_keeper; never returns.
[[noreturn]] void run_wardens(KeeperHouse& house);

}  // namespace mc::os
