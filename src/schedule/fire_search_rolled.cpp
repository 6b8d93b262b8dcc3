// fire_search_rolled.cpp — cron fires under the business-day conventions.
//
// Rolling keeps the order of dates under all of them, so what rolls to one date comes together;
// within that date the moments do not keep their order, and are judged when all are there.
#include "schedule/fire_search.h"

namespace mc {
namespace {

bool same_month(Date a, Date b) {
    const auto x = civil(a), y = civil(b);
    return x.year() == y.year() && x.month() == y.month();
}

int first_direction(Roll roll) {
    switch (roll) {
        case Roll::none: return 0;
        case Roll::following:
        case Roll::modified_following: return 1;
        case Roll::preceding:
        case Roll::modified_preceding: return -1;
    }
    return 0;
}

}  // namespace

// A session stays where it is; the modified conventions turn round rather than leave the month.
Result<Date> FireSearch::rolled(Date date) const {
    const auto& calendar = *judge_.own();
    const auto here = calendar.session(date);
    if (!here) return tl::unexpected(here.error());
    if (*here != nullptr) return date;
    const int direction = first_direction(job().roll);
    const auto moved = calendar.nth_from(date, direction);
    if (!moved) return tl::unexpected(moved.error());
    const bool modified = job().roll == Roll::modified_following || job().roll == Roll::modified_preceding;
    if (!modified || same_month((*moved)->date, date)) return (*moved)->date;
    const auto back = calendar.nth_from(date, -direction);
    if (!back) return tl::unexpected(back.error());
    return (*back)->date;
}

// Adds the moments of `date`, which keep their time of day on the date `to`.
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
    RolledDay day;
    while (const auto at = next_of_any(start_of(date) - Seconds{1})) {
        date = date_at(*at);
        const auto to = rolled(date);
        if (!to && to.error().kind != Error::Kind::calendar) return tl::unexpected(to.error());
        if (!to || day.date != *to) {
            if (auto offered = offer_rolled(day, earliest); !offered) return offered;
            if (start_of(to ? *to : date) > earliest.bound()) return {};
            day = RolledDay{to ? std::optional{*to} : std::nullopt};
        }
        if (!to) {
            if (auto offered = offer_ended(date, earliest); !offered) return offered;
        } else if (!judge_.refuses(*to)) {
            for (const CronExpr* expr : exprs) roll_day(*expr, date, *to, day);
        }
        date += date::days{1};
    }
    return offer_rolled(day, earliest);
}

}  // namespace mc
