// command_looker.h — runs a small command (small_command.h) to hear whether it ends well.
//
// It reads nothing, what it prints is thrown away, and what it leaves running in its process group is killed when it
// has ended.
//
// Bounds     `patience`; then it is killed, and told as such. At most 24 at once and three of one owner; the others
//            wait for them, for `patience` too, and are told then that they were not begun. Those that cannot be killed keep nobody waiting: while three of an owner hang so, or a
//            hundred in all, further ones are not begun, and that is their answer.
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
    std::string text;      // what a person must know of another end; "" for exit code 1
    bool refused = false;  // it could not be begun now: a shortage, or others took all places
};

class CommandLooker {
   public:
    using Done = std::function<void(CommandSeen)>;

    explicit CommandLooker(EventLoop& loop, std::chrono::seconds patience = std::chrono::seconds{60});
    ~CommandLooker();
    CommandLooker(const CommandLooker&) = delete;
    CommandLooker& operator=(const CommandLooker&) = delete;

    // `done` exactly once, from the loop, never from within this call. `owner`: the job, which shares its places.
    void look(Launch command, std::string owner, Done done);

   private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace mc::os
