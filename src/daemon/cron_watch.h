// cron_watch.h — notices another cron daemon that starts while this one runs, before the next line of a crontab is due.
//
// It checks all processes 250 ms before a line is due, and the PID files when the line is due and whenever /run changes.
// The kernel reports the end of a process that was found. Nothing else here wakes the daemon.
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
    // Called once for each change, with the process that runs the crontabs too, "cron (pid 517)"; "" when it has ended.
    using Changed = std::function<void(const std::string& who)>;
    CronWatch(os::EventLoop& loop, Changed changed);

    // The new plan; if it shares no crontab with other cron daemons (rival_cron.h), nothing is checked. Checks now, and
    // calls `changed` before it returns.
    void use(const Plan& plan);
    // Call it after each step. `next_line` returns when the next line of a shared crontab is due; it is called when the
    // previous line has become due, or the next one may have changed.
    void arm(const std::function<std::optional<Instant>()>& next_line);
    void lines_changed() { due_.reset(); }
    // Call it when an instant comes, before anything is decided for it. Calls `changed` before it returns.
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
