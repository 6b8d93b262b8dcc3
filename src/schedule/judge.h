// judge.h — from a moment at which a schedule strikes to a fire: what it is for, and whether `when` lets it.
//
// A moment is before jitter and after roll. The verdict is a fire, none (`when` is false), or unknown:
// some calendar does not cover a date that was needed. All errors but that last one are errors.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "schedule/schedule.h"

namespace mc {

struct Moment {
    Instant at;
    Date date;     // the schedule's own
    Instant from;  // of cron and @every: the moment before roll, which is its identity
    // Of a session event: its session in its calendar, and its identity.
    const Session* session = nullptr;
    CalendarPtr calendar{};
    FireKey event_key{};

    // Most moments need none.
    FireKey key() const { return session == nullptr ? FireKey::of_moment(from) : event_key; }
};

struct NoFire {
    Instant until;  // `when` stays false before it; the moment itself where no more is known
};
struct Unknown {
    std::string note;  // the sentence that names the coverage
};
using FireVerdict = std::variant<Fire, NoFire, Unknown>;

class Judge {
   public:
    // Error: calendar, the job's own is unknown.
    static Result<Judge> of(const JobSchedule& job, const CalendarSet& calendars);

    const JobSchedule& job() const { return *job_; }
    const CalendarSet& calendars() const { return *calendars_; }
    // The job's own calendar; null when it has none.
    const CalendarPtr& own() const { return own_; }

    Result<FireVerdict> verdict(const Moment& moment) const;
    // True when `when` is false on that date at whatever instant, so that the date may be passed over.
    bool refuses(Date date) const;
    // The fire of a moment whose date no calendar knows.
    Fire ended(const Moment& moment, std::string note) const;
    // The calendar to blame for an unknown date: of those that the job asks, the first that does not
    // cover it, else the first; null when it asks none. `event` is a session event's.
    Result<CalendarPtr> blamed(Date date, const CalendarPtr& event) const;

   private:
    struct Purpose {
        Date logical_date;
        std::optional<Date> session;
    };
    Judge(const JobSchedule& job, const CalendarSet& calendars, CalendarPtr own)
        : job_(&job), calendars_(&calendars), own_(std::move(own)) {}
    RunFor run_for() const;
    Result<Purpose> purpose(const Moment& moment) const;
    Result<Purpose> purpose_of_date(Date date, Instant at) const;

    const JobSchedule* job_;
    const CalendarSet* calendars_;
    CalendarPtr own_;
};

}  // namespace mc
