// warden.h — the parent process of the keeper, which only waits.
//
// A chain of processes, each the parent and subreaper of the next: warden, warden, keeper. When one is
// killed, its children pass to the next above, which reaps them, records their ends, and restarts the missing
// processes below itself on the same socket. There are two wardens, so that a job also survives the death of the
// warden that inherited it.
#pragma once

#include "exec/keeper_process.h"

namespace mc::os {

// To be called in a new child of start_keeper; never returns.
[[noreturn]] void run_wardens(KeeperHouse& house);

}  // namespace mc::os
