// keeper_seed.h — a small process that is forked before anything is read, and later starts the keeper, when the
// configuration has said where the state directory is. A job's measured peak memory is at least the keeper's size, so the
// keeper must not be forked from a large daemon (exec/keeper.h).
#pragma once

#include <string>

#include "base/result.h"
#include "os/descriptor.h"

namespace mc::app {

class KeeperSeed {
   public:
    KeeperSeed();
    ~KeeperSeed();  // ends the process if start() was never called
    KeeperSeed(const KeeperSeed&) = delete;
    KeeperSeed& operator=(const KeeperSeed&) = delete;

    // Calls os::start_keeper(state) in the small process. To be called once. Error: process or resources.
    Result<void> start(const std::string& state);

   private:
    os::Descriptor to_, from_;
    int pid_ = -1;
};

}  // namespace mc::app
