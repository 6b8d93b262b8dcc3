// sensor_keys.h — every key that an element of a job's `wait` may hold.
#pragma once

#include <vector>

#include "config/sensor.h"
#include "config/value.h"

namespace mc {

// The list's sensors; those that are wrong are reported and left out.
std::vector<Sensor> read_wait(const Value& value);

}  // namespace mc
