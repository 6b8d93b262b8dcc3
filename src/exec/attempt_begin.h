// attempt_begin.h — when an attempt began, and the environment of its process while that lives.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "os/clock.h"

namespace mc::os {

struct AttemptBegin {
    WallTimePoint at;  // to 10 ms; after another boot of the machine, the second's begin
    // Name to value. Absent: its process has ended, or is closed to us.
    std::optional<std::map<std::string, std::string>> environment;
};
// Nothing when it has no record.
std::optional<AttemptBegin> attempt_begin(const std::string& state, std::int64_t run, int attempt);

}  // namespace mc::os
