// schedule.h — when a job is due: the kinds of schedule, and the single question next_fires().
//
// A JobSchedule is everything that decides a job's fires and nothing else: two equal JobSchedules
// (with equal calendars) fire alike. It is what is stored to judge down time by.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "calendar/calendar_set.h"
#include "schedule/cron.h"
#include "schedule/fire_key.h"
#include "schedule/predicate.h"

namespace mc {

enum class SessionEvent { open, close, break_start, break_end, pre, post };

// @close+15m, @XLON.open-5m
struct EventSchedule {
    SessionEvent event;
    Seconds offset{0};
    std::string calendar;  // "" = the job's own
};
// @session 09:30, @session 06:00+1d
struct SessionTime {
    Seconds time_of_day{0};
    int days = 0;
    std::string calendar;
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

// What a run is for.
struct RunFor {
    enum class Kind { date, session, session_offset, trading_session } kind = Kind::date;
    int offset = 0;  // session_offset: -1 is the session strictly before the date, +1 after
    bool operator==(const RunFor&) const = default;
};

struct JobSchedule {
    std::string job;                  // seeds `~` and jitter
    std::vector<Schedule> schedules;  // empty: fires only by others, or by hand
    std::vector<std::string> texts;   // as written, one for each
    std::optional<Predicate> when;
    ZonePtr zone;          // the job's time zone
    std::string calendar;  // "" = none
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
    FireKey key;  // with the job's name unique for ever
    Date date;    // the schedule's own date: the session, else the local (rolled) date
    Date logical_date;
    std::optional<Date> session;  // what the run is for, when that is a session
    bool calendar_ended = false;  // the calendar does not know this date: to be recorded as failed
    std::string note;             // for calendar_ended: the sentence that names the coverage
    auto operator<=>(const Fire&) const = default;
};

// By how much the fire of that key comes after its moment; drawn from the job's name and the key.
Seconds jitter_of(const JobSchedule& job, const FireKey& key);

// The calendar whose session a fire of that key is for: that of its event, also where it is not the job's own.
std::string session_calendar(const JobSchedule& job, const FireKey& key);

// Reads one schedule text. `job` seeds `~`. Error: config without a place, with what to write instead;
// an expression that no date can ever match is one.
Result<Schedule> parse_schedule(std::string_view text, std::string_view job);

// All fires at the earliest instant strictly after `after`, at most `until`; empty if there is none.
// In order of key. @reboot never appears here. Calendars unknown to the set are an Error; read() has
// already refused them. `horizon`, if given, is set to the last date known when the search was ended
// by a calendar's coverage (calendar_ended fires are still returned, one for each date).
Result<std::vector<Fire>> next_fires(const JobSchedule& job, const CalendarSet& calendars, Instant after, Instant until,
                                     std::optional<Date>* horizon = nullptr);

// All fires with after < due <= until, in order of (due, key); at most `limit`.
Result<std::vector<Fire>> fires_between(const JobSchedule& job, const CalendarSet& calendars, Instant after,
                                        Instant until, std::size_t limit = SIZE_MAX);

// All fires whose logical date lies in [from, to], in order of (due, key), whatever their instant; at most `limit`.
// For backfill and why.
Result<std::vector<Fire>> fires_for_dates(const JobSchedule& job, const CalendarSet& calendars, Date from, Date to,
                                          std::size_t limit = SIZE_MAX);

}  // namespace mc
