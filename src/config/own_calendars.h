// own_calendars.h — [calendar.NAME]: the calendars that a user's file makes.
//
//   from nothing     the keys of a calendar file (docs/calendars.md), of which name, checked and
//                    coverage may be left out, and the changes below
//   extends = "C"    another calendar with some days changed:
//                      closed, open             [2026-12-24, ...] or { 2026-12-24 = "why" }
//                      early_close, late_open   { 2026-12-24 = "13:00" }, by the calendar's clocks
//   all_of = ["C", ...], any_of = [...]
//                    others taken together (calendar/joint.h), with a timezone unless they share one
// A calendar may be made of the file's own, and take the name of a built-in one, also of that which
// it extends or joins; but no other name of it, and none in another case.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "calendar/calendar_set.h"
#include "config/document.h"

namespace mc {

struct OwnCalendars {
    std::shared_ptr<const CalendarSet> all;  // those without, and the file's own
    std::map<std::string, OwnCalendarText> texts;
};

// Whether what the calendars say is looked into, as `calendar check` does. What was loaded once was.
enum class Checking { all, nothing };

OwnCalendars read_own_calendars(const Document& document, const CalendarSet& without, Problems& problems,
                                Checking checking = Checking::all);

}  // namespace mc
