// joint.h — a calendar made of others: a session if all of them trade, or if any does.
//
//   all_of   a session on dates on which all calendars have one: from the latest open to the earliest close,
//            with the breaks of all. If no time is left there is no session; that day is not a holiday.
//   any_of   a session on dates on which any calendar has one: from the earliest open to the latest close,
//            without breaks.
//
// Sessions are joined by date, whatever the zones: for one date, XNYS and XTKS give New York's and Tokyo's sessions of
// that date. Coverage is the common coverage of all. There are no joint pre-markets and post-markets.
#pragma once

#include "calendar/day_source.h"

namespace mc {

enum class Joining { all_of, any_of };

struct JointCalendar {
    CalendarName name;
    std::string description;
    Joining how = Joining::all_of;
    std::vector<CalendarPtr> parts;  // at least one
    ZonePtr zone;
};

std::unique_ptr<DaySource> joint_days(JointCalendar joint);

}  // namespace mc
