// sensor.h — a sensor of a run in words, and what decides it; for the engine and `why`.
#pragma once

#include <string>

#include "config/plan.h"
#include "engine/engine.h"

namespace mc {

// What it looks at, filled in for the run: the path, the URL, the command's text, the job's name.
// Error: calendar, or refused: a name has no value for the run, or what comes out is no path or web address.
Result<std::string> sensor_subject(const Sensor& sensor, const RunFacts& facts, const CalendarSet& calendars);

// "file /data/2026-11-20/_SUCCESS"; of a URL without its query, which may be a secret.
std::string sensor_title(const Sensor& sensor, const std::string& subject);

// When to look next: within `poll`, and from then on every `poll`, at a phase of the run's own, so that
// thousands that began at one instant spread.
Seconds next_look(Seconds up, Seconds poll, RunId run);

// Whether the file has surely stayed the same for `stable`, known to be so since `since_up` and looked at again
// not before `looked_up`; both are rounded down.
bool has_stayed(Seconds since_up, Seconds looked_up, Seconds stable);

}  // namespace mc
