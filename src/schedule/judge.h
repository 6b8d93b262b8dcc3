// judge.h — from a moment of a schedule to a fire: the date it is for, and whether `when` allows it.
//
// A moment is before jitter and after roll. The verdict is a fire, no fire (`when` is false), or unknown: a calendar
// does not cover a date that was needed. All other errors are returned as errors.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "schedule/schedule.h"

namespace mc {

struct Moment {
    Instant at;
    Date date;     // the schedule's date
    Instant from;  // for cron and @every: the moment before roll, which is its identity
    // For a session event: its session in its calendar, and its identity.
    const Session* session = nullptr;
    CalendarPtr calendar{};
    FireKey event_key{};

    // Built on demand, because most moments need none.
    FireKey key() const { return session == nullptr ? FireKey::of_moment(from) : event_key; }
};

struct NoFire {
    Instant until;  // `when` is false until then; the moment itself if nothing more is known
};
struct Unknown {
    std::string note;  // the sentence that names the coverage
};
using FireVerdict = std::variant<Fire, NoFire, Unknown>;

class Judge {
   public:
    // Error: calendar, if the job's own is unknown.
    static Result<Judge> of(const JobSchedule& job, const CalendarSet& calendars);

    const JobSchedule& job() const { return *job_; }
    const CalendarSet& calendars() const { return *calendars_; }
    // The job's own calendar; null if it has none.
    const CalendarPtr& own() const { return own_; }

    Result<FireVerdict> verdict(const Moment& moment) const;
    // Whether `when` is false on that date at every instant, so that the date may be skipped.
    bool refuses(Date date) const;
    // The fire of a moment whose date is beyond coverage.
    Fire ended(const Moment& moment, std::string note) const;
    // The first calendar of the job that does not cover the date, or its first calendar if all cover it; null if the
    // job uses none. `event` is the calendar of a session event.
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
