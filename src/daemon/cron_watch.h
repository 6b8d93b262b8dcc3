// cron_watch.h — notices another cron daemon that starts while this one runs, before the next line of a crontab is due.
//
// All processes are looked at a quarter of a second before a line is due. At the line's instant, and at each change of
// /run, the pid files are. The end of a process that was found is told by the kernel. Nothing else wakes the daemon.
#pragma once

#include <functional>
#include <string>

#include "daemon/rival_cron.h"
#include "os/clock.h"
#include "os/directory_watch.h"
#include "os/event_loop.h"

namespace mc::app {

class CronWatch {
   public:
    // Told who runs the tables too, "cron (pid 517)", or "" when that has ended: once a change.
    using Changed = std::function<void(const std::string& who)>;
    CronWatch(os::EventLoop& loop, Changed changed);

    // The plan from now on; where it shares no table nothing is looked at. Looks at once, and tells at once.
    void use(const Plan& plan);
    // To be called after each step; `next_line` says when the next line of a shared table is due, and is asked when the
    // one before has come, or may have moved.
    void arm(const std::function<std::optional<Instant>()>& next_line);
    void lines_changed() { due_.reset(); }
    // To be called when an instant comes, before anything is decided for it. Tells at once.
    void instant_comes();

   private:
    void look();
    void look_at_pid_files();
    void found(const std::optional<os::CronProcess>& other);

    os::EventLoop& loop_;
    Changed changed_;
    bool shares_ = false;
    std::string who_;
    std::optional<Instant> due_;
    os::MonotonicTime looked_{};
    os::WallTimer timer_;
    os::DirectoryWatch run_watch_;
    os::Descriptor process_;
    os::EventLoop::Watch ended_;
};

}  // namespace mc::app
