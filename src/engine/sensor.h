// sensor.h — the text of a run's sensor, and when its check passes; for the engine and `why`.
#pragma once

#include <string>

#include "config/plan.h"
#include "engine/engine.h"

namespace mc {

// What the sensor checks, filled in for the run: the path, the URL, the command, or the job's name. Error: calendar; or
// refused: a name has no value for the run, or the result is not a path or web address.
Result<std::string> sensor_subject(const Sensor& sensor, const RunFacts& facts, const CalendarSet& calendars);

// "file /data/2026-11-20/_SUCCESS"; a URL is shown without its query, which may be a secret.
std::string sensor_title(const Sensor& sensor, const std::string& subject);

// When to check next: within `poll`. The phase depends on the run, so that the checks of thousands of runs that began
// to wait at the same instant are spread.
Seconds next_look(Seconds up, Seconds poll, RunId run);

// Whether the file has certainly not changed for `stable`: it was in its present state at `since_up`, and checked again
// at `looked_up` or later; both are rounded down.
bool has_stayed(Seconds since_up, Seconds looked_up, Seconds stable);

}  // namespace mc
