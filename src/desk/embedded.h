// embedded.h — the calendars that are built into the program.
#pragma once

#include <vector>

#include "calendar/calendar_set.h"

namespace mc::app {

std::vector<CalendarSource> embedded_calendars();

}  // namespace mc::app
