// next_fires.cpp — the questions about a job's fires, all answered by one search.
#include <algorithm>
#include <cstdlib>

#include "schedule/fire_search.h"

namespace mc {
namespace {

// How far a fire's own date may lie from its logical date: sessions are apart by a long holiday at
// most, and an offset counts sessions.
date::days reach_of(const JobSchedule& job) {
    const bool by_offset = job.run_for.kind == RunFor::Kind::session_offset;
    const bool by_trading = job.run_for.kind == RunFor::Kind::trading_session;
    if (!by_offset && !by_trading) return date::days{1};
    constexpr date::days longest_closure{21};
    return longest_closure + date::days{by_offset ? 2 * std::abs(job.run_for.offset) : 0};
}

// How far a fire's instant may lie from its own date.
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
    return longest + session_reach + job.jitter;
}

// All fires in (after, until] that `wanted` takes, in order.
template <class Wanted>
Result<std::vector<Fire>> collect(const JobSchedule& job, const CalendarSet& calendars, Instant after, Instant until,
                                  std::size_t limit, Wanted wanted) {
    auto search = FireSearch::of(job, calendars);
    if (!search) return tl::unexpected(std::move(search.error()));
    std::vector<Fire> all;
    while (all.size() < limit) {
        auto fires = search->next(after, until);
        if (!fires) return tl::unexpected(std::move(fires.error()));
        if (fires->empty()) break;
        after = fires->front().due;
        for (auto& fire : *fires)
            if (all.size() < limit && wanted(fire)) all.push_back(std::move(fire));
    }
    return all;
}

}  // namespace

Result<std::vector<Fire>> next_fires(const JobSchedule& job, const CalendarSet& calendars, Instant after, Instant until,
                                     std::optional<Date>* horizon) {
    auto search = FireSearch::of(job, calendars);
    if (!search) return tl::unexpected(std::move(search.error()));
    auto fires = search->next(after, until);
    if (horizon != nullptr) *horizon = search->horizon();
    return fires;
}

Result<std::vector<Fire>> fires_between(const JobSchedule& job, const CalendarSet& calendars, Instant after,
                                        Instant until, std::size_t limit) {
    return collect(job, calendars, after, until, limit, [](const Fire&) { return true; });
}

Result<std::vector<Fire>> fires_for_dates(const JobSchedule& job, const CalendarSet& calendars, Date from, Date to) {
    const auto reach = reach_of(job) + longest_offset(job);
    const auto after = Instant{from.time_since_epoch()} - reach;
    const auto until = Instant{to.time_since_epoch()} + reach;
    return collect(job, calendars, after, until, SIZE_MAX,
                   [&](const Fire& fire) { return from <= fire.logical_date && fire.logical_date <= to; });
}

}  // namespace mc
