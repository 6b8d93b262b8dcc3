// state_lock.h — the lock that allows only one daemon for a state directory.
//
// There are two locks, and each keeps a second daemon out: one on DIRECTORY/daemon.lock, which contains the process id,
// and one on the directory itself, which remains if a cleanup program removes that file.
//
// The locks belong to the process: they end when it ends, for any reason, and a forked child does not have them (the
// keeper may outlive the daemon without keeping the next daemon out).
// They are held as long as the StateLock lives. Hold at most one in a process: closing one would release all.
// Errors   store: another process holds the lock (the error has its process id), or the directory cannot be written.
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

// Locks DIRECTORY and DIRECTORY/daemon.lock. Creates the file if it is missing; it is not removed later.
Result<StateLock> lock_state(const std::string& directory);

}  // namespace mc
