// day_source.h — the source of a calendar's days: the rules of one file, or other calendars.
#pragma once

#include "calendar/calendar.h"
#include "calendar/year.h"

namespace mc {

class DaySource {
   public:
    virtual ~DaySource() = default;
    virtual const CalendarName& name() const = 0;
    virtual const std::string& description() const = 0;
    virtual const std::vector<std::string>& aliases() const = 0;
    virtual Coverage coverage() const = 0;
    // For any year that overlaps coverage.
    virtual YearOfSessions year(int number) const = 0;
    // These three work outside coverage; see Calendar.
    virtual bool week_has(Date d) const = 0;
    virtual unsigned first_weekday(Date d) const = 0;
    virtual Session regular(Date d) const = 0;
    // See DayFacts.
    virtual std::string doubt(Date d) const = 0;
};

}  // namespace mc
