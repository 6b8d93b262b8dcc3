// fresh_run.h — makes the run of a fire, and resets a run to its beginning.
#pragma once

#include "engine/definitions.h"
#include "engine/run_book.h"

namespace mc {

// A queued run without an id, with its limits resolved. The detail of the run names a limit that cannot be resolved.
Run make_run(const Job& job, const Fire& fire, Origin origin, const CalendarSet& calendars);
// The fire that a run was for.
Fire fire_of(const Run& run);
// The run waits again, as if its fire had just come, with that origin. A wait_until in the future applies again.
const Run& reopen(RunBook& book, const Definitions& jobs, const Run& ended, Origin origin = Origin::backfill);

}  // namespace mc
