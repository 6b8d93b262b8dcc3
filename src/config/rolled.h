// rolled.h — the date of a cron fire before `roll` moved it.
#pragma once

#include <optional>

#include "config/job.h"

namespace mc {

// The date from which `roll` moved the fire; nothing if it did not move it.
std::optional<Date> rolled_from(const Job& job, const Fire& fire);

}  // namespace mc
