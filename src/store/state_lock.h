// state_lock.h — one daemon for one state directory: the lock that a second one cannot have.
//
// The lock is the process's own: it ends with the process, however that ends, and a child that was
// forked does not have it (the jobs' keeper may outlive the daemon without keeping the next one out).
// It is held as long as the StateLock lives. Hold at most one for a directory in one process: closing
// any of them would let go of all.
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
    explicit StateLock(int fd) : fd_(fd) {}
    int fd_;
};

// Locks DIRECTORY/daemon.lock, which is made if need be and stays; it holds the daemon's process id.
Result<StateLock> lock_state(const std::string& directory);

}  // namespace mc
