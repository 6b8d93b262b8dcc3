#include "schedule/reach.h"

#include <algorithm>
#include <cstdlib>

#include "schedule/session_moments.h"

namespace mc {
namespace {

// Sessions are apart by a long holiday at most.
constexpr date::days longest_closure{21};

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

DueBounds due_bounds(const JobSchedule& job, Date from, Date to) {
    if (fires_on_own_date(job)) {
        const Instant begin = job.zone->wall(WallTime{from}).first;
        return {begin, job.zone->wall(WallTime{to + date::days{1}}).second + job.jitter};
    }
    const auto reach = date_reach(job) + instant_reach(job);
    return {Instant{from.time_since_epoch()} - reach, Instant{to.time_since_epoch()} + reach};
}

date::days date_reach(const JobSchedule& job) {
    const bool by_offset = job.run_for.kind == RunFor::Kind::session_offset;
    const bool by_trading = job.run_for.kind == RunFor::Kind::trading_session;
    if (!by_offset && !by_trading) return date::days{1};
    return longest_closure + date::days{by_offset ? 2 * std::abs(job.run_for.offset) : 0};
}

Seconds instant_reach(const JobSchedule& job) { return longest_offset(job) + session_reach + job.jitter; }

date::days days_off(const JobSchedule& job) { return date::ceil<date::days>(date_reach(job) + instant_reach(job)); }

Seconds key_reach(const JobSchedule& job) {
    if (has_sessions(job)) return instant_reach(job);
    return job.jitter + (job.roll == Roll::none ? Seconds{0} : Seconds{longest_closure});
}

}  // namespace mc
