// keeper_process.h — what the keeper does: accepts daemons, starts their attempts, reaps them.
//
// Size    reads no further from a daemon while `queue_max` requests wait, so it stays small: a job's
//         peak memory is counted from the keeper's own.
// Wakes   for a message or a child's end; once a second while a job runs, to bound its output; never
//         otherwise.
#pragma once

#include <csignal>
#include <string>

#include "exec/attempt_table.h"
#include "os/descriptor.h"

namespace mc::os {

// What a keeper is sent when the warden above it dies.
constexpr int warden_died_signal = SIGUSR1;

// What warden and keeper inherit from start_keeper.
struct KeeperHouse {
    Descriptor state_dir;
    Descriptor listener;  // bound to STATE/keeper.sock
    AttemptTable table;
    std::string socket_identity;  // of the socket file, to know it from a successor's
};

// Device and inode of STATE/keeper.sock; empty when there is none.
std::string socket_identity(int state_dir);

// Serves until it is no longer needed: told to end (SIGTERM) or left by its warden, and its last job
// has ended; or without daemon and jobs for a minute.
void run_keeper(KeeperHouse& house);

}  // namespace mc::os
