// fresh_run.h — the run that a fire asks for, and a run that starts over.
#pragma once

#include "engine/definitions.h"
#include "engine/run_book.h"

namespace mc {

// Queued, without an id, with its limits resolved. A limit that cannot be resolved is told by the run's detail.
Run make_run(const Job& job, const Fire& fire, Origin origin, const CalendarSet& calendars);
// The fire that a run was for.
Fire fire_of(const Run& run);
// The run waits again as if its fire had just come with that origin. A wait_until that is in the future counts again.
const Run& reopen(RunBook& book, const Definitions& jobs, const Run& ended, Origin origin = Origin::backfill);

}  // namespace mc
