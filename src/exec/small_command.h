// small_command.h — a program that the daemon runs for itself: a look, a mailer. It is no job and leaves no file.
//
// It runs as whom, where and with what environment it is told (keeper.h, Launch), found as a job's program is, in a
// session of its own and with none of our descriptors. It dies with us: the kernel kills it when we are killed.
//
// Bounds     `patience`; then it and its process group get SIGKILL, and it is told as too late at once. One that the
//            kernel cannot end (its file system hangs) is waited for beside the others: see hanging().
// Ownership  the loop must outlive this. Programs still running when it is destroyed are killed and never told.
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
    std::string kind;             // hanging() counts by it
    bool kill_rest = false;       // when it has ended, what is left of its process group gets SIGKILL
};

struct SmallEnd {
    std::optional<int> exit_code, signal;  // none: it was too late, or never began
    bool too_late = false;
    std::string failure;      // why it never began: "there is no such program"
    bool cannot_now = false;  // and that is a shortage, which passes (obstacle.h)
};

class SmallCommands {
   public:
    using Done = std::function<void(SmallEnd)>;

    SmallCommands(EventLoop& loop, std::chrono::seconds patience);
    ~SmallCommands();
    SmallCommands(const SmallCommands&) = delete;
    SmallCommands& operator=(const SmallCommands&) = delete;

    // `done` exactly once, from the loop, never from within this call. The descriptors are the caller's, and may be
    // closed when this returns.
    void start(SmallCommand command, Done done);

    // Those told as too late that have not ended for all that.
    std::size_t hanging() const;
    std::size_t hanging(const std::string& kind) const;

   private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace mc::os
