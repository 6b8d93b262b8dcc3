// attempt_begin.h — when an attempt began, and the environment of its process while that exists.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "os/clock.h"

namespace mc::os {

struct AttemptBegin {
    WallTimePoint at;  // precise to 10 ms; after a reboot only to the second, rounded down
    // Name to value. Absent: its process has ended, or we may not read its environment.
    std::optional<std::map<std::string, std::string>> environment;
};
// nullopt if the attempt has no record.
std::optional<AttemptBegin> attempt_begin(const std::string& state, std::int64_t run, int attempt);

}  // namespace mc::os
