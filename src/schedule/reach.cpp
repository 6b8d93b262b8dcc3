#include "schedule/reach.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "schedule/session_moments.h"

namespace mc {
namespace {

// Between a session's date and the local date of an instant in it.
constexpr date::days slack{2};

// The calendars whose sessions the job's fires are for.
std::set<CalendarName> calendars_of(const JobSchedule& job) {
    std::set<CalendarName> names{job.calendar};
    for (const auto& schedule : job.schedules) {
        if (const auto* event = std::get_if<EventSchedule>(&schedule)) names.insert(event->calendar);
        if (const auto* time = std::get_if<SessionTime>(&schedule)) names.insert(time->calendar);
        if (const auto* window = std::get_if<EveryInSession>(&schedule))
            names.insert({window->from.calendar, window->to.calendar});
    }
    names.erase(CalendarName());
    return names;
}

date::days longest_span(const JobSchedule& job, const CalendarSet& calendars, int sessions) {
    date::days longest{0};
    for (const CalendarName& name : calendars_of(job))
        if (const auto calendar = calendars.find(name))
            longest = std::max(longest, (*calendar)->longest_span(sessions));
    return longest;
}

Seconds longest_offset(const JobSchedule& job) {
    Seconds longest{0};
    for (const auto& schedule : job.schedules) {
        if (const auto* event = std::get_if<EventSchedule>(&schedule))
            longest = std::max(longest, Seconds{std::chrono::abs(event->offset)});
        if (const auto* time = std::get_if<SessionTime>(&schedule))
            longest = std::max(longest, Seconds{date::days{std::abs(time->days) + 1}});
        if (const auto* window = std::get_if<EveryInSession>(&schedule))
            longest = std::max({longest, Seconds{std::chrono::abs(window->from.offset)},
                                Seconds{std::chrono::abs(window->to.offset)}});
    }
    return longest;
}

bool has_sessions(const JobSchedule& job) {
    return std::any_of(job.schedules.begin(), job.schedules.end(), [](const Schedule& schedule) {
        return std::holds_alternative<EventSchedule>(schedule) || std::holds_alternative<SessionTime>(schedule) ||
               std::holds_alternative<EveryInSession>(schedule);
    });
}

}  // namespace

bool fires_on_own_date(const JobSchedule& job) {
    const bool elsewhere =
        job.run_for.kind == RunFor::Kind::session_offset || job.run_for.kind == RunFor::Kind::trading_session;
    return !has_sessions(job) && job.roll == Roll::none && !elsewhere;
}

DueBounds due_bounds(const JobSchedule& job, const CalendarSet& calendars, Date from, Date to) {
    if (fires_on_own_date(job)) {
        const Instant begin = job.zone->wall(WallTime{from}).first;
        return {begin, job.zone->wall(WallTime{to + date::days{1}}).second + job.jitter};
    }
    const auto reach = date_reach(job, calendars) + instant_reach(job);
    return {Instant{from.time_since_epoch()} - reach, Instant{to.time_since_epoch()} + reach};
}

date::days date_reach(const JobSchedule& job, const CalendarSet& calendars) {
    const bool by_offset = job.run_for.kind == RunFor::Kind::session_offset;
    const bool by_trading = job.run_for.kind == RunFor::Kind::trading_session;
    if (!by_offset && !by_trading) return date::days{1};
    return slack + longest_span(job, calendars, by_offset ? std::max(1, std::abs(job.run_for.offset)) : 1);
}

Seconds instant_reach(const JobSchedule& job) { return longest_offset(job) + session_reach + job.jitter; }

date::days days_off(const JobSchedule& job, const CalendarSet& calendars) {
    return date::ceil<date::days>(date_reach(job, calendars) + instant_reach(job));
}

Seconds key_reach(const JobSchedule& job, const CalendarSet& calendars) {
    if (has_sessions(job)) return instant_reach(job);
    return job.jitter + (job.roll == Roll::none ? Seconds{0} : Seconds{slack + longest_span(job, calendars, 1)});
}

}  // namespace mc
