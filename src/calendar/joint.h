// joint.h — a calendar made of others: where all of them trade, or any.
//
//   all_of   a session on the dates on which all have one: from the latest open to the earliest close,
//            with the breaks of all. If nothing is left there is no session; that day is not a holiday.
//   any_of   a session on the dates on which any has one: from the earliest open to the latest close,
//            without breaks.
//
// Sessions belong together by their dates, whatever the zones: the session of a date of XNYS and XTKS
// is that of New York and that of Tokyo. Coverage is what all of them cover. Pre- and post-markets have
// no joint meaning, and there are none.
#pragma once

#include "calendar/day_source.h"

namespace mc {

enum class Joining { all_of, any_of };

struct JointCalendar {
    std::string name, description;
    Joining how = Joining::all_of;
    std::vector<CalendarPtr> parts;  // at least one
    ZonePtr zone;
};

std::unique_ptr<DaySource> joint_days(JointCalendar joint);

}  // namespace mc
