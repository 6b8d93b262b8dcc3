// order.h — which jobs come before which: the file's `after`, checked as a whole, and the fires that jobs
// without a schedule get from the jobs before them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/plan.h"
#include "config/problems.h"

namespace mc {

// Where each upstream of a job was written, in the order of Job::after.
using OrderPlaces = std::map<std::string, std::vector<Spot>>;

// Reports upstreams that are no jobs, and jobs that wait for one another in a circle (of one date:
// "a@previous" closes none).
void check_order(const std::map<std::string, Job>& jobs, const OrderPlaces& places, Problems& problems);

// The fires whose logical date lies in [from, to], in order of (due, key); at most `limit`. Of a job without a
// schedule: one for each date on which a job before it has a fire, due with the latest of them; `when` is not asked,
// and a date that the calendar of one before it does not know is calendar_ended. Error: calendar, beyond coverage.
Result<std::vector<Fire>> planned_fires(const Job& job, const Plan& plan, Date from, Date to,
                                        std::size_t limit = SIZE_MAX);

// What the `when` of a job without a schedule says of a logical date, on every road to a run. True without `when`, and
// for a job with a schedule, whose fires were judged already. Error: calendar, beyond coverage.
Result<bool> when_holds(const Job& job, const CalendarSet& calendars, Date logical_date);

// The fires due at the earliest instant strictly after `after`, at most `ahead` later; empty if there are none, of a
// disabled job too. Of a job without a schedule only those for which its `when` holds. `horizon` as in next_fires(),
// there the day before the first date with a fire that nobody knows.
Result<std::vector<Fire>> next_planned(const Job& job, const Plan& plan, Instant after, Seconds ahead,
                                       std::optional<Date>* horizon = nullptr);

// How far the job's fires lie from their logical date, in whole days; without a schedule those of the jobs before it.
date::days days_off(const Job& job, const Plan& plan);

// When a date's first and last fires are due; `known` is false when some calendar does not reach it.
struct DueSpan {
    Instant first, last;
    bool known = true;
    std::string note{};  // where it is not: the sentence that names the coverage
};
// The same by dates, for a look ahead that must not take long. It ends, with whole dates, at `reached`: before `to`
// only where a job in question has jitter and very many fires, which then have no order to be searched by.
struct DatesAhead {
    std::map<Date, DueSpan> dates;
    Date reached;
};
Result<DatesAhead> planned_dates(const Job& job, const Plan& plan, Date from, Date to);

// When the dates from `from` to `to` have their fires, of any job of the plan; what has been found is kept, so
// that a chain of jobs is not gone down again for each of them. Looked at in order, few dates at a time; of a job with
// many fires a date the first and the last are searched for, and the others left alone. Only where jitter forbids that
// it ends, with whole dates, once a job has had more fires than `fires_max`.
class PlannedDates {
   public:
    PlannedDates(const Plan& plan, Date from, Date to, std::size_t fires_max = SIZE_MAX)
        : plan_(plan), from_(from), to_(to), fires_max_(fires_max) {}

    // Error: calendar, beyond coverage.
    Result<std::map<Date, DueSpan>> of(const Job& job);
    // Up to here every job in question was looked at.
    Date reached() const { return to_; }

   private:
    Result<void> add_own(const Job& job, std::map<Date, DueSpan>& due);
    Result<void> add_dense(JobSchedule one, Date from, std::map<Date, DueSpan>& due) const;

    const Plan& plan_;
    Date from_, to_;
    std::size_t fires_max_;
    std::map<std::string, std::map<Date, DueSpan>> known_;
};

// The fire of a job without a schedule for that date, due at that instant.
Fire fire_of_date(const Job& job, Date date, Instant due, const CalendarSet& calendars);

// Those that run after the job, for the same date or for the next one; in order of their names.
std::map<std::string, std::vector<const Job*>> dependents_of(const Plan& plan);

}  // namespace mc
