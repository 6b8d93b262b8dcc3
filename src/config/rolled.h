// rolled.h — where a cron fire was before `roll` moved it.
#pragma once

#include <optional>

#include "config/job.h"

namespace mc {

// The date that `roll` moved the fire from; nothing where it did not.
std::optional<Date> rolled_from(const Job& job, const Fire& fire);

}  // namespace mc
