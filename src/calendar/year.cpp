#include "calendar/year.h"

namespace mc {
namespace {

Instant instant(Date d, Seconds time, const Zone& zone) {
    return resolve(WallTime{d} + time, zone, GapRule::shift, OverlapRule::first).at[0];
}

}  // namespace

Session session_at(Date d, const LocalHours& hours, const LocalHours& regular, const Zone& zone) {
    Session session;
    session.date = d;
    session.open = instant(d, hours.open, zone);
    session.close = instant(d, hours.close, zone);
    session.late_open = hours.open > regular.open;
    session.early_close = hours.close < regular.close;
    for (const LocalSpan& span : hours.breaks)
        session.breaks.push_back({instant(d, span.from, zone), instant(d, span.to, zone)});
    if (hours.pre) session.pre = instant(d, *hours.pre, zone);
    if (hours.post) session.post = instant(d, *hours.post, zone);
    return session;
}

YearOfSessions::YearOfSessions(const CalendarRules& rules, const Zone& zone, int year)
    : first_day_(make_date(year, 1, 1)), last_day_(make_date(year, 12, 31)) {
    apply_rules(rules, year);
    add_sessions(rules, zone);
}

YearOfSessions::YearOfSessions(int year, std::vector<Session> sessions, std::map<Date, Reason> reasons)
    : first_day_(make_date(year, 1, 1)),
      last_day_(make_date(year, 12, 31)),
      sessions_(std::move(sessions)),
      own_reasons_(std::move(reasons)) {
    std::size_t index = 0;
    for (Date d = first_day_; d <= last_day_; d += date::days{1}) {
        while (index < sessions_.size() && sessions_[index].date < d) ++index;
        first_from_[day(d)] = static_cast<std::uint16_t>(index);
    }
    for (const auto& [d, reason] : own_reasons_) reasons_[day(d)] = &reason;
}

// Rules first, single dates over them. A neighbouring year's rule may be observed in this one.
void YearOfSessions::apply_rules(const CalendarRules& rules, int year) {
    const auto for_each_date = [&](const DatesByRule& dates, auto&& body) {
        for (const int near : {year - 1, year, year + 1}) {
            const auto date = dates.in(near);
            if (date && first_day_ <= *date && *date <= last_day_) body(day(*date));
        }
    };
    for (const HolidayRule& rule : rules.holidays)
        for_each_date(rule.dates, [&](std::size_t d) {
            if (!closed_[d]) reasons_[d] = &rule.reason;
            closed_[d] = true;
        });
    for (const SpecialHoursRule& rule : rules.special_hours)
        for_each_date(rule.dates, [&](std::size_t d) {
            if (closed_[d] || changes_[d]) return;
            reasons_[d] = &rule.reason;
            changes_[d] = &rule.change;
        });
    const auto for_each_single = [&](const std::map<Date, SingleDay>& days, auto&& body) {
        for (auto at = days.lower_bound(first_day_); at != days.end() && at->first <= last_day_; ++at)
            body(day(at->first), at->second);
    };
    for_each_single(rules.closed, [&](std::size_t d, const SingleDay& single) {
        closed_[d] = true;
        reasons_[d] = &single.reason;
    });
    const auto open_with = [&](std::size_t d, const SingleDay& single) {
        changes_[d] = single.change.empty() ? nullptr : &single.change;
        reasons_[d] = &single.reason;
    };
    for_each_single(rules.special_hours_on, [&](std::size_t d, const SingleDay& single) {
        if (!closed_[d]) open_with(d, single);
    });
    for_each_single(rules.extra_sessions, [&](std::size_t d, const SingleDay& single) {
        closed_[d] = false;
        open_with(d, single);
    });
}

LocalHours YearOfSessions::local_hours(const CalendarRules& rules, Date d) const {
    const HoursChange* change = changes_[day(d)];
    return change ? rules.changed_hours(d, *change) : rules.regular_hours(d);
}

void YearOfSessions::add_sessions(const CalendarRules& rules, const Zone& zone) {
    sessions_.reserve(days_at_most);
    for (Date d = first_day_; d <= last_day_; d += date::days{1}) {
        first_from_[day(d)] = static_cast<std::uint16_t>(sessions_.size());
        const bool extra = rules.extra_sessions.count(d) != 0;
        const bool is_session = extra || (!closed_[day(d)] && rules.week_has(d));
        if (!is_session) {
            // Special hours on a day without a session say nothing of it.
            if (!closed_[day(d)]) reasons_[day(d)] = nullptr;
            continue;
        }
        sessions_.push_back(session_at(d, local_hours(rules, d), rules.regular_hours(d), zone));
    }
    sessions_.shrink_to_fit();
}

}  // namespace mc
