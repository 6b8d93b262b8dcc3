// session_moments.h — the instants of a session schedule in one session.
#pragma once

#include <string>
#include <vector>

#include "calendar/calendar_set.h"
#include "schedule/schedule.h"

namespace mc {

// The maximum distance between a session's instants and the midnight (UTC) of its date: an overnight session may open
// on the previous business day, which is Friday for a Monday.
inline constexpr date::days session_reach{5};

struct Struck {
    Instant at;
    int count = 0;  // the nth break, or the nth instant of `@every ... from ... to`; 0: there is only one
};

// The instants of that event in the session, without offset: empty if the session has no such event, several for
// breaks.
std::vector<Instant> event_instants(const Session& session, SessionEvent event);

// One session schedule, with its calendars resolved.
class SessionSource {
   public:
    // Error: calendar, unknown or missing.
    static Result<SessionSource> of(const EventSchedule& schedule, const JobSchedule& job,
                                    const CalendarSet& calendars);
    static Result<SessionSource> of(const SessionTime& schedule, const JobSchedule& job, const CalendarSet& calendars);
    static Result<SessionSource> of(const EveryInSession& schedule, const JobSchedule& job,
                                    const CalendarSet& calendars);

    const CalendarPtr& calendar() const { return calendar_; }
    // Its instants are between these, relative to the midnight (UTC) of the session's date.
    Seconds earliest() const { return earliest_ - session_reach; }
    Seconds latest() const { return latest_ + session_reach; }
    // The instants with low < at <= high, ascending; of a repetition at most the first `most`, because a session may
    // have tens of thousands. Error: calendar, if the calendar of `to` has ended.
    Result<std::vector<Struck>> struck(const Session& session, Instant low, Instant high, std::size_t most) const;

    // "XNYS@close": the event in a key, without offset and time.
    const std::string& event() const { return event_; }
    void set_nth(int nth) { nth_ = nth; }
    FireKey key(Date session, const Struck& struck) const;

   private:
    SessionSource() = default;
    std::vector<Struck> struck_event(const EventSchedule& event, const Session& session) const;
    Result<std::vector<Struck>> struck_every(const Session& session, Instant low, Instant high, std::size_t most) const;

    Schedule schedule_;
    CalendarPtr calendar_, to_calendar_;
    ZonePtr zone_;
    std::string event_;
    int nth_ = 1;
    Seconds earliest_{0}, latest_{0};
};

}  // namespace mc
