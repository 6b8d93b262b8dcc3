// calendar_report.h — prints the sessions that `calendar diff` found to be different, as text or as JSON lines.
#pragma once

#include "calendar/session_diff.h"
#include "cli/fire_report.h"

namespace mc::app {

// To stdout. `folded`: equal changes on consecutive dates share a line, and a calendar has at most 12 lines.
//
// JSON of a session: {"calendar","date","change","open","close","breaks","pre","post", the same hours before the change
// with the prefix "old_", "reason","old_reason","unscheduled"}; `change` is added, removed or changed.
// JSON of a calendar: {"calendar","change","from","trusted_to","to","old_from","old_trusted_to","old_to"}; `change` is
// new, gone or coverage.
void print_calendar_diff(const CalendarDiff& diff, Telling telling);

}  // namespace mc::app
