// lift.h — what the wrappers around a crontab's command say, as keys of the file.
//
//   flock -n LOCK     overlap = "skip"       timeout 1h        timeout = "1h"
//   nice -n 10        nice = 10              cd /data &&       cwd = "/data"
//   >/dev/null 2>&1   nothing: the output is kept, and nobody is sent it
// A wrapper is lifted only where the rest means the same without it: not before `a && b` or `a; b`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mc {

struct LiftedCommand {
    std::string command;
    std::string cwd;                  // "" = not said
    std::string lock;                 // the file of flock -n: one of this line alone stands for overlap = "skip"
    std::string timeout, kill_after;  // durations; "" = none
    int nice = 0;
    bool silent = false;               // what it prints was thrown away
    std::vector<std::string> remarks;  // for the people who read the file
};

// Whether the words call a program that says whether a market is open: is_trading_day.sh, not_holiday.
bool tests_market(std::string_view words);

LiftedCommand lift_wrappers(const std::string& command);

}  // namespace mc
