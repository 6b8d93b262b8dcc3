// count_sessions.h — the number of sessions of a calendar between two dates.
#pragma once

#include "calendar/calendar.h"

namespace mc {

// The number of sessions in [from, to], or `enough` if there are more. Error: calendar, beyond coverage.
Result<int> count_sessions(const Calendar& calendar, Date from, Date to, int enough);

}  // namespace mc
