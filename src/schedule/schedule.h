// schedule.h — when a job is due: the kinds of schedule, and next_fires(), the one function for future fires.
//
// A JobSchedule is everything that decides a job's fires and nothing else: two equal JobSchedules (with equal
// calendars) have the same fires. It is stored in the ledger, to compute the fires of down time.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "calendar/calendar_set.h"
#include "schedule/cron.h"
#include "schedule/fire_key.h"
#include "schedule/job_name.h"
#include "schedule/predicate.h"

namespace mc {

enum class SessionEvent { open, close, break_start, break_end, pre, post };

// @close+15m, @XLON.open-5m
struct EventSchedule {
    SessionEvent event;
    Seconds offset{0};
    CalendarName calendar;  // "" = the job's own
};
// @session 09:30, @session 06:00+1d
struct SessionTime {
    Seconds time_of_day{0};
    int days = 0;
    CalendarName calendar;
};
// @every 90s: aligned to the Unix epoch
struct Every {
    Seconds period{0};
};
// @every 5m from @open+5m to @close-5m
struct EveryInSession {
    Seconds period{0};
    EventSchedule from, to;
};
struct Reboot {};

using Schedule = std::variant<CronExpr, EventSchedule, SessionTime, Every, EveryInSession, Reboot>;

enum class Roll { none, following, preceding, modified_following, modified_preceding, nearest };

// The date that a run is for.
struct RunFor {
    enum class Kind { date, session, session_offset, trading_session } kind = Kind::date;
    int offset = 0;  // session_offset: -1 is the session strictly before the date, +1 after
    bool operator==(const RunFor&) const = default;
};

struct JobSchedule {
    JobName job;                      // seed of `~` and jitter
    std::vector<Schedule> schedules;  // empty: fires only with upstream jobs or by hand
    std::vector<std::string> texts;   // as written, one for each
    std::optional<Predicate> when;
    ZonePtr zone;           // the job's time zone
    CalendarName calendar;  // "" = none
    RunFor run_for;
    bool run_for_given = false;  // written by the user; else a session event is for its session
    Roll roll = Roll::none;
    Seconds jitter{0};
    std::optional<GapRule> dst_gap;  // absent: cron's rule by fixed / wildcard
    std::optional<OverlapRule> dst_overlap;
};

// One instant at which a job is due.
struct Fire {
    Instant due;  // after jitter and roll
    FireKey key;  // unique forever together with the job's name
    Date date;    // the schedule's date: the session, else the local (rolled) date
    Date logical_date;
    std::optional<Date> session;  // the session that the run is for, if any
    bool calendar_ended = false;  // the calendar does not cover this date: recorded as failed
    std::string note;             // for calendar_ended: the sentence that names the coverage
    auto operator<=>(const Fire&) const = default;
};

// The delay of the fire with that key after its moment; drawn from the job's name and the key.
Seconds jitter_of(const JobSchedule& job, const FireKey& key);

// The calendar of the session that a fire with that key is for: that of its event, even if it is not the job's own.
CalendarName session_calendar(const JobSchedule& job, const FireKey& key);

// Parses the text of one schedule. `job` is the seed of `~`. Error: config without a place, with what to write instead;
// also for an expression that matches no date.
Result<Schedule> parse_schedule(std::string_view text, std::string_view job);

// All fires at the earliest instant strictly after `after`, at most `until`; empty if there is none. In order of key.
// @reboot never appears here. Error: config or calendar, for an unknown calendar, which read_plan() already reports.
// `horizon`, if given, is set to the last covered date if the search met the end of a calendar's coverage
// (calendar_ended fires are still returned, one for each date).
Result<std::vector<Fire>> next_fires(const JobSchedule& job, const CalendarSet& calendars, Instant after, Instant until,
                                     std::optional<Date>* horizon = nullptr);

// All fires with after < due <= until, in order of (due, key); at most `limit`.
Result<std::vector<Fire>> fires_between(const JobSchedule& job, const CalendarSet& calendars, Instant after,
                                        Instant until, std::size_t limit = SIZE_MAX);

// All fires whose logical date is in [from, to], in order of (due, key), at any instant; at most `limit`. For backfill
// and why.
Result<std::vector<Fire>> fires_for_dates(const JobSchedule& job, const CalendarSet& calendars, Date from, Date to,
                                          std::size_t limit = SIZE_MAX);

}  // namespace mc
