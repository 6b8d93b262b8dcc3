// uneven_step.h — steps such as `*/59` that start again with each hour, day, month or year.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mc {

// What the first such step of a cron expression does, and what to write instead; nullopt if there is none. `*/15` is
// even: the distance from the last in one hour to the first in the next is the same as all others.
std::optional<std::string> uneven_step(std::string_view cron);

}  // namespace mc
