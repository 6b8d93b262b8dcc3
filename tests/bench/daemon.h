// daemon.h — a marketcron daemon in its own directory, with its keeper and wardens.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/process.h"

namespace mc::bench {

class Daemon {
   public:
    // Starts it with these jobs and returns when it reports that it is ready.
    Daemon(const std::string& program, const std::string& jobs);
    // Ends the daemon, its keeper and their wardens.
    ~Daemon();
    Daemon(const Daemon&) = delete;

    double ready_milliseconds() const { return ready_milliseconds_; }
    std::string state() const { return directory_ / "state"; }
    std::string config() const { return directory_ / "bench.toml"; }
    // How often all its processes have gone to sleep since they started.
    long sleeps() const;
    // Its share of the memory, including that of its keeper and wardens, in MB.
    double pss_megabytes() const;

   private:
    void end();

    TemporaryDirectory directory_;
    double ready_milliseconds_ = 0;
    std::vector<pid_t> family_;  // the daemon, the keeper and its two wardens
};

// Checks every few milliseconds until the condition is true; false if it is not within the time.
bool holds_within(double seconds, const std::function<bool()>& condition);

}  // namespace mc::bench
