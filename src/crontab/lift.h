// lift.h — converts the wrappers around a crontab's command to keys of the configuration.
//
//   flock -n LOCK     overlap = "skip"       timeout 1h        timeout = "1h"
//   nice -n 10        nice = 10              cd /data &&       cwd = "/data"
//   >/dev/null 2>&1   nothing: the output is kept, and not sent
// A wrapper is converted only if the rest means the same without it: not before `a && b` or `a; b`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mc {

struct LiftedCommand {
    std::string command;
    std::string cwd;                  // "" = none
    std::string lock;                 // the file of flock -n: if only this line uses it, it becomes overlap = "skip"
    std::string timeout, kill_after;  // durations; "" = none
    int nice = 0;
    bool silent = false;               // its output was discarded
    std::vector<std::string> remarks;  // comments for the reader of the file
};

// Whether the words call a program that tests whether a market is open: is_trading_day.sh, not_holiday.
bool tests_market(std::string_view words);

LiftedCommand lift_wrappers(const std::string& command);

}  // namespace mc
