// daemon.h — a marketcron daemon in a directory of its own, with the processes that wait for its jobs.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/process.h"

namespace mc::bench {

class Daemon {
   public:
    // Starts it on these jobs and returns when it says that it is ready.
    Daemon(const std::string& program, const std::string& jobs);
    // Ends it, its keeper and their wardens.
    ~Daemon();
    Daemon(const Daemon&) = delete;

    double ready_milliseconds() const { return ready_milliseconds_; }
    std::string state() const { return directory_ / "state"; }
    std::string config() const { return directory_ / "bench.toml"; }
    // How often all its processes have gone to sleep since they began.
    long sleeps() const;
    // Its share of the memory, with that of its keeper and wardens, in MB.
    double pss_megabytes() const;

   private:
    void end();

    TemporaryDirectory directory_;
    double ready_milliseconds_ = 0;
    std::vector<pid_t> family_;  // the daemon, the keeper and its two wardens
};

// Looks every few milliseconds until it holds; false when it does not within the time.
bool holds_within(double seconds, const std::function<bool()>& condition);

}  // namespace mc::bench
