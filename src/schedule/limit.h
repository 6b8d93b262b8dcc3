// limit.h — wait_until, not_after, deadline: three limits with one syntax, and their instants for a fire.
#pragma once

#include <string_view>
#include <variant>

#include "schedule/schedule.h"

namespace mc {

// "21:30", "06:30+1d": on the fire's local date, or a number of days later.
struct LimitTime {
    Seconds time_of_day{0};
    int days = 0;
};
// "+2h": after the fire's due instant.
struct LimitAfter {
    Seconds length{0};
};
// "@open-10m", "@XLON.close": see resolve_limit().
struct Limit {
    std::variant<LimitTime, LimitAfter, EventSchedule> rule;
    std::string text;  // as written
};

// Error: config without a place, with an example of each form.
Result<Limit> parse_limit(std::string_view text);

// Whose event a limit means: wait_until that of the run's own session, not_after and deadline the job's calendar's.
enum class LimitOf { own_session, jobs_calendar };

// The instant of the limit for that fire. An event is that of the run's own session for own_session,
// else the first such event after the fire. A wall time in a DST gap is the first instant after it; in an overlap the
// first. Error: calendar, beyond coverage; refused, if the run has no session or the session has no such event.
Result<Instant> resolve_limit(const Limit& limit, const Fire& fire, LimitOf of, const JobSchedule& job,
                              const CalendarSet& calendars);

}  // namespace mc
