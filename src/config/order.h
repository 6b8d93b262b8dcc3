// order.h — the order of jobs: checks `after` for all jobs, and computes the fires that jobs without a schedule get
// from their upstream jobs.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/plan.h"
#include "config/problems.h"

namespace mc {

// The place in the file of each upstream of a job, in the order of Job::after.
using OrderPlaces = std::map<JobName, std::vector<Spot>>;

// Reports upstreams that are not jobs, and cycles of jobs for the same date ("a@previous" does not close a cycle).
void check_order(const Jobs& jobs, const OrderPlaces& places, Problems& problems);

// The fires whose logical date is in [from, to], in order of (due, key); at most `limit`. A job without a schedule
// has one for each date on which an upstream job has a fire, due with the latest of them. Its `when` is not evaluated.
// A date that an upstream job's calendar does not cover is calendar_ended. Error: calendar, beyond coverage.
Result<std::vector<Fire>> planned_fires(const Job& job, const Plan& plan, Date from, Date to,
                                        std::size_t limit = SIZE_MAX);

// The result of `when` for a logical date of a job without a schedule, however the run is created. True without `when`,
// and for a job with a schedule, whose fires were already filtered. Error: calendar, beyond coverage.
Result<bool> when_holds(const Job& job, const CalendarSet& calendars, Date logical_date);

// The fires due at the earliest instant strictly after `after`, at most `ahead` later; empty if there are none or the
// job is disabled. For a job without a schedule only those for which its `when` is true. `horizon` as in next_fires();
// for such a job it is the day before the first date whose fire is unknown.
Result<std::vector<Fire>> next_planned(const Job& job, const Plan& plan, Instant after, Seconds ahead,
                                       std::optional<Date>* horizon = nullptr);

// The largest distance in whole days between a fire and its logical date; without a schedule for the upstream jobs.
date::days days_off(const Job& job, const Plan& plan);

// The first and last fire of a date; `known` is false if a calendar does not cover it.
struct DueSpan {
    Instant first, last;
    bool known = true;
    std::string note{};  // if not known: the sentence that names the coverage
};
// The fires by date, computed in bounded time. Complete up to the date `reached`, which is before `to` only if one of
// the jobs has jitter and very many fires.
struct DatesAhead {
    std::map<Date, DueSpan> dates;
    Date reached;
};
Result<DatesAhead> planned_dates(const Job& job, const Plan& plan, Date from, Date to);

// The dates from `from` to `to` with their fires, for any job of the plan. Results are kept, so a chain of jobs is not
// computed again for each of them. Dates are computed in order, a few at a time. For a job with many fires a date, only
// the first and last are searched. If jitter prevents that, the computation stops after a whole date once a job has had
// more than `fires_max` fires.
class PlannedDates {
   public:
    PlannedDates(const Plan& plan, Date from, Date to, std::size_t fires_max = SIZE_MAX)
        : plan_(plan), from_(from), to_(to), fires_max_(fires_max) {}

    // Error: calendar, beyond coverage.
    Result<std::map<Date, DueSpan>> of(const Job& job);
    // Every job was computed up to this date.
    Date reached() const { return to_; }

   private:
    Result<void> add_own(const Job& job, std::map<Date, DueSpan>& due);
    Result<void> add_dense(JobSchedule one, Date from, std::map<Date, DueSpan>& due) const;

    const Plan& plan_;
    Date from_, to_;
    std::size_t fires_max_;
    std::map<JobName, std::map<Date, DueSpan>> known_;
};

// The fire for that date of a job without a schedule, due at that instant.
Fire fire_of_date(const Job& job, Date date, Instant due, const CalendarSet& calendars);

// For each job its direct downstream jobs, for the same date or the next one; in order of their names.
std::map<JobName, std::vector<const Job*>, std::less<>> dependents_of(const Plan& plan);

}  // namespace mc
