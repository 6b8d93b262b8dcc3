// command_looker.h — runs a small command to hear whether it ends well.
//
// It runs as whom, where and with what environment it is told (keeper.h, Launch), in a session of its own, reads
// nothing, and what it prints is thrown away. It is our own child and no job: it leaves no file, and ends with us.
//
// Bounds     `patience`; then it and its process group get SIGKILL. At most 8 at once, the others wait for them.
// Ownership  the loop must outlive the looker. Commands still running when it is destroyed are killed.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "os/event_loop.h"
#include "os/keeper.h"

namespace mc::os {

struct CommandSeen {
    bool passed = false;  // exit code 0
    std::string text;     // what a person must know of another end; "" for exit code 1
};

class CommandLooker {
   public:
    using Done = std::function<void(CommandSeen)>;

    explicit CommandLooker(EventLoop& loop, std::chrono::seconds patience = std::chrono::seconds{60});
    ~CommandLooker();
    CommandLooker(const CommandLooker&) = delete;
    CommandLooker& operator=(const CommandLooker&) = delete;

    // `done` exactly once, from the loop, never from within this call.
    void look(Launch command, Done done);

   private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace mc::os
