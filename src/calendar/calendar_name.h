// calendar_name.h — the name of a calendar: a MIC ("XNYS"), a name of the configuration's own, or an alias ("NYSE").
//
// Schedules name calendars as they are written, by name or alias; CalendarSet::find() ignores case and takes both.
// Calendar::name() is never an alias. "" is no calendar, or the job's own.
#pragma once

#include "base/name.h"

namespace mc {

struct CalendarSpelling {
    static bool accepts(std::string_view text);  // as wrong_calendar_word() for a name (calendar/head.h)
};
using CalendarName = NameOf<CalendarSpelling>;

}  // namespace mc
