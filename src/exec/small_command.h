// small_command.h — a program that the daemon runs for itself: a sensor's command, a mailer. It is not a job and leaves
// no files.
//
// It runs with the user, directory and environment of its Launch (keeper.h), found like a job's program, in its own
// session and with none of our descriptors. The kernel kills it when the daemon is killed.
//
// Bounds     after `patience` the program and its process group get SIGKILL, and it is reported as too late at once. A
//            program that the kernel cannot end (its file system hangs) does not delay others: see hanging().
// Ownership  the loop must outlive this. Programs still running when it is destroyed are killed; `done` is not called.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "exec/keeper.h"
#include "os/event_loop.h"

namespace mc::os {

struct SmallCommand {
    Launch launch;
    int input = -1, output = -1;  // its standard input; its output and errors; -1: /dev/null
    std::string kind;             // for hanging()
    bool kill_rest = false;       // after its end, the rest of its process group gets SIGKILL
};

struct SmallEnd {
    std::optional<int> exit_code, signal;  // both absent: it was too late, or never began
    bool too_late = false;
    std::string failure;      // why it never began: "program not found"
    bool cannot_now = false;  // the failure is a shortage: a retry may succeed (obstacle.h)
};

class SmallCommands {
   public:
    using Done = std::function<void(SmallEnd)>;

    SmallCommands(EventLoop& loop, std::chrono::seconds patience);
    ~SmallCommands();
    SmallCommands(const SmallCommands&) = delete;
    SmallCommands& operator=(const SmallCommands&) = delete;

    // Calls `done` exactly once, from the loop, never from within this call. The descriptors belong to the caller,
    // which may close them when this returns.
    void start(SmallCommand command, Done done);

    // The number of programs that were reported as too late and have not ended.
    std::size_t hanging() const;
    std::size_t hanging(const std::string& kind) const;

   private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace mc::os
