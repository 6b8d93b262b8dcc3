// keeper_process.h — the keeper's main loop: accepts daemons, starts their attempts, reaps them.
//
// Size    does not read from a daemon while `queue_max` requests wait, so that it stays small: a job's
//         peak memory is never below the keeper's own.
// Wakes   for a message or the end of a child; every second while a job runs, to limit its output; and every 100 ms
//         while the table is full or a stopped job's processes remain.
#pragma once

#include <csignal>
#include <string>

#include "exec/attempt_table.h"
#include "os/descriptor.h"

namespace mc::os {

// The signal that a keeper gets when the warden above it dies.
constexpr int warden_died_signal = SIGUSR1;

// What warden and keeper inherit from start_keeper.
struct KeeperHouse {
    Descriptor state_dir;
    Descriptor listener;  // bound to STATE/keeper.sock
    AttemptTable table;
    std::string socket_identity;  // of the socket file, to distinguish it from a successor's
};

// Device and inode of STATE/keeper.sock; "" if it does not exist.
std::string socket_identity(int state_dir);

// Serves until it is no longer needed: after SIGTERM or the death of its warden, when its last job has ended; or
// after 60 s without a daemon and jobs.
void run_keeper(KeeperHouse& house);

}  // namespace mc::os
