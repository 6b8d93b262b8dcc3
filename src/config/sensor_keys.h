// sensor_keys.h — the keys of an element of a job's `wait`.
#pragma once

#include <vector>

#include "config/sensor.h"
#include "config/value.h"

namespace mc {

// The sensors of the list; invalid ones are reported and left out.
std::vector<Sensor> read_wait(const Value& value);

}  // namespace mc
