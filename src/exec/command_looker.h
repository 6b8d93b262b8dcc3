// command_looker.h — runs a small command (small_command.h) and reports whether it succeeds.
//
// The command's input is empty and its output is discarded. When it has ended, the rest of its process group is killed.
//
// Bounds     a command that runs longer than `patience` is killed. At most 24 run at the same time and 3 of one owner;
//            others wait for at most `patience`, and are then refused. Commands that cannot be killed do not delay
//            others: while 3 of an owner hang, or 100 in total, further ones fail at once.
// Ownership  the loop must outlive the looker. Commands still running when it is destroyed are killed.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "exec/keeper.h"
#include "os/event_loop.h"

namespace mc::os {

struct CommandSeen {
    bool passed = false;   // exit code 0
    std::string text;      // why the check failed, for users; "" for exit codes 0 and 1
    bool refused = false;  // it could not be started now: a shortage, or other commands took all slots
};

class CommandLooker {
   public:
    using Done = std::function<void(CommandSeen)>;

    explicit CommandLooker(EventLoop& loop, std::chrono::seconds patience = std::chrono::seconds{60});
    ~CommandLooker();
    CommandLooker(const CommandLooker&) = delete;
    CommandLooker& operator=(const CommandLooker&) = delete;

    // Calls `done` exactly once, from the loop, never from within this call. `owner`: the job, whose commands share a
    // limit.
    void look(Launch command, std::string owner, Done done);

   private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace mc::os
