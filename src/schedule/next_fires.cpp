// next_fires.cpp — the functions that return a job's fires; all use one search.
#include "schedule/fire_search.h"
#include "schedule/reach.h"

namespace mc {
namespace {

// All fires in (after, until] for which `wanted` is true, in order.
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

Result<std::vector<Fire>> fires_for_dates(const JobSchedule& job, const CalendarSet& calendars, Date from, Date to,
                                          std::size_t limit) {
    const auto [first, last] = due_bounds(job, calendars, from, to);
    return collect(job, calendars, first - Seconds{1}, last, limit,
                   [&](const Fire& fire) { return from <= fire.logical_date && fire.logical_date <= to; });
}

}  // namespace mc
