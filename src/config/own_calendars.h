// own_calendars.h — [calendar.NAME]: the calendars defined in the configuration.
//
//   on its own       the keys of a calendar file (docs/calendars.md), of which name, checked and
//                    coverage are optional, and the changes below
//   extends = "C"    another calendar with some days changed:
//                      closed, open             [2026-12-24, ...] or { 2026-12-24 = "why" }
//                      early_close, late_open   { 2026-12-24 = "13:00" }, in the calendar's time zone
//   all_of = ["C", ...], any_of = [...]
//                    several calendars joined (calendar/joint.h), with a timezone unless theirs is the same
// A calendar may be made of others in the configuration. Its name may be that of a built-in calendar, including the one
// that it extends or joins, but not another name of that calendar, or its name in a different case.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "calendar/calendar_set.h"
#include "config/document.h"

namespace mc {

struct OwnCalendars {
    std::shared_ptr<const CalendarSet> all;  // the calendars passed in, and those of the configuration
    OwnCalendarTexts texts;
};

// Whether the contents of the calendars are checked, as `calendar check` does. Not needed for texts that were loaded
// before.
enum class Checking { all, nothing };

OwnCalendars read_own_calendars(const Document& document, const CalendarSet& without, Problems& problems,
                                Checking checking = Checking::all);

}  // namespace mc
