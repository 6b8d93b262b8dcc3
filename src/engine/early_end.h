// early_end.h — why a run fails before its first attempt: it needs a session and has none (no_session), or it needs a
// date that no calendar covers (calendar_ended).
//
// The daemon checks this when the run is about to start; `why`, `next` and `status` check it beforehand.
#pragma once

#include <optional>
#include <string>

#include "config/plan.h"
#include "engine/run.h"
#include "reason/words.h"

namespace mc {

// The reason of a run with a template that cannot be filled in: calendar_ended or no_session; spawn_failed if the
// template is wrong.
Reason reason_of_text(const Error& error);

// Checks its wait_until and its templates. nullopt: nothing is missing.
std::optional<Because> lacks_session(const Job& job, const Run& run, const CalendarSet& calendars);
// Checks its templates and its environment; with `all` also those of its sensors. nullopt: nothing is missing.
enum class Texts { all, but_sensors };
std::optional<Because> lacks_dates(const Job& job, const Run& run, const CalendarSet& calendars, Texts texts);

// Why a waiting run will fail at its start; nullopt: it will not. For a job without a schedule, `when` is checked too.
std::optional<Because> early_end(const Job& job, const Run& run, const CalendarSet& calendars);
// The same for a future fire.
std::optional<Because> early_end(const Job& job, const Fire& fire, const CalendarSet& calendars);

}  // namespace mc
