// state_lock.h — one daemon for one state directory: the lock that a second one cannot have.
//
// Two locks, each of which keeps the next daemon out: one on DIRECTORY/daemon.lock, which holds the process id, and one
// on the directory itself, which is left when a cleaning program removes that file.
//
// They are the process's own: they end with the process, however that ends, and a child that was forked does not have
// them (the jobs' keeper may outlive the daemon without keeping the next one out).
// They are held as long as the StateLock lives. Hold at most one in a process: closing any of them would let go of all.
// Errors   store: another process has it (named by its id), or the directory cannot be written.
#pragma once

#include <string>

#include "base/result.h"

namespace mc {

class StateLock {
   public:
    ~StateLock();
    StateLock(StateLock&& other) noexcept;
    StateLock& operator=(StateLock&&) = delete;

   private:
    friend Result<StateLock> lock_state(const std::string& directory);
    StateLock() = default;
    int file_ = -1, directory_ = -1;
};

// Locks DIRECTORY, and DIRECTORY/daemon.lock, which is made if need be and stays.
Result<StateLock> lock_state(const std::string& directory);

}  // namespace mc
