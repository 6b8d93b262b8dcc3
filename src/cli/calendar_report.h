// calendar_report.h — what `calendar diff` found in calendars, told to people or as JSON lines.
#pragma once

#include "calendar/session_diff.h"
#include "cli/fire_report.h"

namespace mc::app {

// Unless each is wanted, equal changes in one line, and not too many lines. JSON: {"calendar","date","change","open","close","breaks","pre",
// "post",... the same with "old_","reason","old_reason","unscheduled"} for a session, `change` added, removed or
// changed; {"calendar","change","from","to","old_from","old_to"} for a whole one: new, gone or coverage.
void print_calendar_diff(const CalendarDiff& diff, Telling telling);

}  // namespace mc::app
