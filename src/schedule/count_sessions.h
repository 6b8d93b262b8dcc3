// count_sessions.h — how many sessions a calendar has between two dates.
#pragma once

#include "calendar/calendar.h"

namespace mc {

// The number of sessions in [from, to]; counts to `enough` at most.
Result<int> count_sessions(const Calendar& calendar, Date from, Date to, int enough);

}  // namespace mc
