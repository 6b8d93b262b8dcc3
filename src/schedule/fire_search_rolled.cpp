// fire_search_rolled.cpp — cron fires under the business-day conventions.
//
// Moments that roll to one date may be found in any order: `nearest` moves a Sunday forward and a holiday after it
// back. A date is complete when no later date can roll to it. Within the date the moments are not in order either.
#include "schedule/fire_search.h"

namespace mc {
namespace {

bool same_month(Date a, Date b) {
    const auto x = civil(a), y = civil(b);
    return x.year() == y.year() && x.month() == y.month();
}

bool stays_in_month(Roll roll) {
    return roll == Roll::modified_following || roll == Roll::modified_preceding || roll == Roll::nearest;
}

// The direction in which a date that is not a session rolls first: 1 is forward.
int first_direction(Roll roll, const Calendar& calendar, Date date) {
    switch (roll) {
        case Roll::none: return 0;
        case Roll::following:
        case Roll::modified_following: return 1;
        case Roll::preceding:
        case Roll::modified_preceding: return -1;
        // The second day of a weekend and the day after it are nearer to the following session.
        case Roll::nearest: return calendar.week_has(date - date::days{1}) ? -1 : 1;
    }
    return 0;
}

}  // namespace

// A session does not move; nearest and the modified conventions turn back rather than leave the month.
Result<Date> FireSearch::rolled(Date date) const {
    const auto& calendar = *judge_.own();
    const auto here = calendar.session(date);
    if (!here) return tl::unexpected(here.error());
    if (*here != nullptr) return date;
    const int direction = first_direction(job().roll, calendar, date);
    const auto moved = calendar.nth_from(date, direction);
    if (!moved) return tl::unexpected(moved.error());
    if (!stays_in_month(job().roll) || same_month((*moved)->date, date)) return (*moved)->date;
    const auto back = calendar.nth_from(date, -direction);
    if (!back) return tl::unexpected(back.error());
    return (*back)->date;
}

// The last session up to the date: the date and later dates do not roll to an earlier one.
Date FireSearch::earliest_roll(Date date) const {
    const auto here = judge_.own()->session(date);
    if (here && *here != nullptr) return date;
    const auto before = judge_.own()->nth_from(date, -1);
    return before ? (*before)->date : date;
}

// Adds the moments of `date`, moved to the date `to` with the same time of day.
void FireSearch::roll_day(const CronExpr& expr, Date date, Date to, RolledDay& day) const {
    const PointSource source{&expr};
    auto last = start_of(date) - Seconds{1};
    for (auto at = next_point(source, last); at && date_at(*at) == date; at = next_point(source, last)) {
        last = *at;
        if (to == date) {
            day.moments.try_emplace(*at, Moment{*at, to, *at});
            continue;
        }
        const WallTime wall = to + (job().zone->to_wall(*at) - date);
        const auto gap = job().dst_gap.value_or(GapRule::shift);
        for (const auto moved : resolve(wall, *job().zone, gap, job().dst_overlap.value_or(OverlapRule::first)))
            day.moments.try_emplace(moved, Moment{moved, to, *at});
    }
}

Result<void> FireSearch::offer_rolled(const RolledDay& day, Earliest& earliest) {
    bool told = false;
    for (const auto& [at, moment] : day.moments) {
        const auto verdict = judge_.verdict(moment);
        if (!verdict) return tl::unexpected(verdict.error());
        if (const auto* fire = std::get_if<Fire>(&*verdict)) earliest.offer(*fire);
        if (told || !std::holds_alternative<Unknown>(*verdict)) continue;
        auto ended = ended_moment(moment);
        if (!ended) return tl::unexpected(std::move(ended.error()));
        if (*ended) earliest.offer(std::move(**ended));
        told = true;
    }
    return {};
}

Result<void> FireSearch::search_rolled(const std::vector<const CronExpr*>& exprs, Earliest& earliest) {
    const auto next_of_any = [&](Instant after) {
        std::optional<Instant> first;
        for (const CronExpr* expr : exprs)
            if (const auto at = next_point(PointSource{expr}, after); at && (!first || *at < *first)) first = at;
        return first;
    };
    const auto start = date_at(earliest.after - job().jitter);
    const auto before = judge_.own()->nth_from(start, -1);
    auto date = before ? (*before)->date + date::days{1} : start;
    std::map<Date, RolledDay> days;  // dates to which a later date may still roll
    const auto offer_before = [&](Date end) -> Result<void> {
        for (; !days.empty() && days.begin()->first < end; days.erase(days.begin()))
            if (auto offered = offer_rolled(days.begin()->second, earliest); !offered) return offered;
        return {};
    };
    while (const auto at = next_of_any(start_of(date) - Seconds{1})) {
        date = date_at(*at);
        const auto to = rolled(date);
        if (!to && to.error().kind != Error::Kind::calendar) return tl::unexpected(to.error());
        const Date complete = to ? earliest_roll(date) : date;
        if (auto offered = offer_before(complete); !offered) return offered;
        if (start_of(complete) > earliest.bound()) return {};
        if (!to) {
            if (auto offered = offer_ended(date, earliest); !offered) return offered;
        } else if (!judge_.refuses(*to)) {
            for (const CronExpr* expr : exprs) roll_day(*expr, date, *to, days[*to]);
        }
        date += date::days{1};
    }
    return offer_before(Date::max());
}

}  // namespace mc
