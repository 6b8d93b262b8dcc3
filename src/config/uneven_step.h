// uneven_step.h — `*/59` and its like: a step that begins anew with each hour, day, month or year.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mc {

// What the first such step of a cron expression does, and what to write; nullopt where there is none. `*/15` is even:
// the last of an hour and the first of the next lie as far apart as all others.
std::optional<std::string> uneven_step(std::string_view cron);

}  // namespace mc
