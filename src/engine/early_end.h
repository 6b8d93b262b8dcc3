// early_end.h — why a run fails before its first attempt: it needs a session and has none (no_session), or a date
// that no calendar covers (calendar_ended).
//
// The daemon asks when the run is about to start; `why`, `next` and `status` ask beforehand.
#pragma once

#include <optional>
#include <string>

#include "config/plan.h"
#include "engine/run.h"
#include "reason/words.h"

namespace mc {

// Why a run ends one of whose texts cannot be filled in: calendar_ended, no_session; spawn_failed where it is wrong.
Reason reason_of_text(const Error& error);

// Of its wait_until and its texts.
std::optional<Because> lacks_session(const Job& job, const Run& run, const CalendarSet& calendars);
// Of its texts and its environment; with `all` also of what its sensors look at.
enum class Texts { all, but_sensors };
std::optional<Because> lacks_dates(const Job& job, const Run& run, const CalendarSet& calendars, Texts texts);

// What a run that waits will end by; the `when` of a job without a schedule is asked, too.
std::optional<Because> early_end(const Job& job, const Run& run, const CalendarSet& calendars);
// The same of a fire to come.
std::optional<Because> early_end(const Job& job, const Fire& fire, const CalendarSet& calendars);

}  // namespace mc
