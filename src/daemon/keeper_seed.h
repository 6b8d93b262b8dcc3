// keeper_seed.h — a process forked before anything is read, from which the keeper grows once the file has
// told where the state lies: a job's peak memory begins at the keeper's size (see exec/keeper.h).
#pragma once

#include <string>

#include "base/result.h"
#include "os/descriptor.h"

namespace mc::app {

class KeeperSeed {
   public:
    KeeperSeed();
    ~KeeperSeed();  // a seed that was never started ends
    KeeperSeed(const KeeperSeed&) = delete;
    KeeperSeed& operator=(const KeeperSeed&) = delete;

    // os::start_keeper(state), in the small process. Once.
    Result<void> start(const std::string& state);

   private:
    os::Descriptor to_, from_;
    int pid_ = -1;
};

}  // namespace mc::app
