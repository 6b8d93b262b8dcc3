// fire_search_ended.cpp — fires beyond a calendar's coverage: one fire with calendar_ended for each trading day of the
// calendar's week, at the regular time, and only if the job needs that date.
#include <algorithm>
#include <tuple>

#include "schedule/fire_search.h"

namespace mc {

Result<bool> FireSearch::week_has(Date date, const CalendarPtr& event) {
    const auto blamed = judge_.blamed(date, event);
    if (!blamed) return tl::unexpected(blamed.error());
    if (*blamed == nullptr) return false;
    const auto coverage = (*blamed)->coverage();
    if (!horizon_ && date >= coverage.from) horizon_ = std::min(date, coverage.to);
    return (*blamed)->week_has(date);
}

Result<std::optional<Fire>> FireSearch::ended_moment(const Moment& moment) {
    const auto verdict = judge_.verdict(moment);
    if (!verdict) return tl::unexpected(verdict.error());
    const auto* unknown = std::get_if<Unknown>(&*verdict);
    if (unknown == nullptr) return std::optional<Fire>{};
    const auto open = week_has(moment.date, moment.calendar);
    if (!open) return tl::unexpected(open.error());
    if (!*open) return std::optional<Fire>{};
    return judge_.ended(moment, unknown->note);
}

Result<std::optional<Fire>> FireSearch::ended_session(const SessionSource& source, Date date) {
    const auto& calendar = *source.calendar();
    Session session;
    if (calendar.coverage().holds(date)) {
        const auto known = calendar.session(date);
        if (!known) return tl::unexpected(known.error());
        if (*known == nullptr) return std::optional<Fire>{};
        session = **known;
    } else {
        if (!calendar.week_has(date)) return std::optional<Fire>{};
        session = calendar.regular(date);
    }
    const auto struck = source.struck(session, session.open - longest_search, session.close + longest_search, SIZE_MAX);
    // `to` of another calendar that has ended: the length of the window is unknown, but its day is known.
    const auto all = struck ? *struck : std::vector<Struck>{{session.open, 1}};
    for (const auto& one : all) {
        const Moment moment{one.at, date, one.at, &session, source.calendar(), source.key(date, one)};
        auto ended = ended_moment(moment);
        if (!ended || *ended) return ended;
        if (!struck && !judge_.refuses(date)) return judge_.ended(moment, struck.error().sentence());
    }
    return std::optional<Fire>{};
}

Result<std::optional<Fire>> FireSearch::ended_point(const PointSource& source, Date date) {
    const bool is_cron = std::holds_alternative<const CronExpr*>(source);
    const bool unknown_roll = is_cron && job().roll != Roll::none && !rolled(date);
    auto last = start_of(date) - Seconds{1};
    for (auto at = next_point(source, last); at && date_at(*at) == date; at = next_point(source, last)) {
        last = *at;
        const Moment moment{*at, date, *at};
        auto ended = ended_moment(moment);
        if (!ended || *ended) return ended;
        if (!unknown_roll) continue;
        const auto open = week_has(date, nullptr);
        if (!open) return tl::unexpected(open.error());
        if (!*open) return std::optional<Fire>{};
        return judge_.ended(moment, rolled(date).error().sentence());
    }
    return std::optional<Fire>{};
}

Result<std::optional<Fire>> FireSearch::ended_of(const Source& source, Date date) {
    if (const auto* session = std::get_if<SessionSource>(&source)) return ended_session(*session, date);
    return ended_point(std::get<PointSource>(source), date);
}

// If several schedules of a job need the same date, only the earliest fire reports it.
Result<void> FireSearch::offer_ended(Date date, Earliest& earliest) {
    std::optional<Fire> first;
    for (const auto& source : sources_) {
        auto ended = ended_of(source, date);
        if (!ended) return tl::unexpected(std::move(ended.error()));
        if (!*ended) continue;
        if (!first || std::tie((*ended)->due, (*ended)->key) < std::tie(first->due, first->key))
            first = std::move(**ended);
    }
    if (first) earliest.offer(std::move(*first));
    return {};
}

}  // namespace mc
