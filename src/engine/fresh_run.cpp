#include "engine/fresh_run.h"

namespace mc {

Run make_run(const Job& job, const Fire& fire, Origin origin, const CalendarSet& calendars) {
    Run run;
    run.job = job.name;
    if (job.title) run.title = *job.title;
    run.key = fire.key;
    run.fire = fire.due;
    run.logical_date = fire.logical_date;
    run.session = fire.session;
    run.origin = origin;
    run.state = State::queued;
    const auto limit = [&](const BoxedOptional<Limit>& rule, LimitOf of) -> std::optional<Instant> {
        if (!rule) return std::nullopt;
        auto at = resolve_limit(*rule, fire, of, job.schedule, calendars);
        if (at) return *at;
        run.detail = at.error().what;
        return std::nullopt;
    };
    run.not_before = limit(job.wait_until, LimitOf::own_session);
    if (origin == Origin::backfill) return run;
    run.not_after = limit(job.not_after, LimitOf::jobs_calendar);
    run.deadline = limit(job.deadline, LimitOf::jobs_calendar);
    return run;
}

Fire fire_of(const Run& run) {
    Fire fire;
    fire.due = run.fire;
    fire.key = run.key;
    fire.date = fire.logical_date = run.logical_date;
    fire.session = run.session;
    return fire;
}

const Run& reopen(RunBook& book, const Definitions& jobs, const Run& ended, Origin origin) {
    const Job* job = jobs.planned(ended.job);
    if (!job) return book.reset(ended, origin, nullptr);
    const Run fresh = make_run(*job, fire_of(ended), origin, jobs.calendars());
    return book.reset(ended, origin, &fresh);
}

}  // namespace mc
