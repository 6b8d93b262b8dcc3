#include "calendar/year.h"

#include <algorithm>

namespace mc {
namespace {

Instant instant(WallTime w, const Zone& zone) { return resolve(w, zone, GapRule::shift, OverlapRule::first).at[0]; }

// The exchange's time zone: neighbouring times mostly have the same offset, which is looked up once.
class Clocks {
   public:
    explicit Clocks(const Zone& zone) : zone_(zone) {}
    Instant operator()(WallTime w) {
        if (!steady_.holds(w)) steady_ = zone_.steady_around(w);
        return steady_.holds(w) ? Instant{w.time_since_epoch() - steady_.offset} : instant(w, zone_);
    }

   private:
    const Zone& zone_;
    Zone::Steady steady_{};
};

void fill(Session& session, Clocks& clocks, Date d, const LocalHours& hours, const LocalHours& regular) {
    const WallTime midnight{d};
    session.date = d;
    session.open = clocks(midnight + hours.open);
    session.close = clocks(midnight + hours.close);
    session.late_open = hours.open > regular.open;
    session.early_close = hours.close < regular.close;
    session.breaks.reserve(hours.breaks.size());
    for (const LocalSpan& span : hours.breaks)
        session.breaks.push_back({clocks(midnight + span.from), clocks(midnight + span.to)});
    if (hours.pre) session.pre = clocks(midnight + *hours.pre);
    if (hours.post) session.post = clocks(midnight + *hours.post);
}

constexpr date::days one_day{1};

// A date of a neighbouring year may be observed in this one.
template <class Body>
void for_each_near(const DatesByRule& dates, int year, int lead, Body body) {
    if (dates.reaches_next_year(year - 1, lead)) dates.for_each_in(year - 1, body);
    dates.for_each_in(year, body);
    if (dates.reaches_year_before(year + 1)) dates.for_each_in(year + 1, body);
}

// The days of a year that [[holiday]] rules close. The day in lieu of a holiday in December may be in January, so some
// days before the year are included.
class Holidays {
   public:
    Holidays(const CalendarRules& rules, Date first, Date last) : rules_(rules), last_(last) {
        const auto moves = [](const HolidayRule& rule) { return rule.in_lieu.has_value(); };
        const bool any_moves = std::any_of(rules.holidays.begin(), rules.holidays.end(), moves);
        lead_ = any_moves ? days_before : 0;
        first_ = first - date::days{lead_};
        by_day_.resize(place(last) + 1);
        for (const HolidayRule& rule : rules.holidays) close(rule, static_cast<int>(civil(last).year()));
        close_in_lieu();
    }

    const Reason* on(Date d) const { return by_day_[place(d)]; }

   private:
    struct Moved {
        Date date;
        const Reason* reason;
    };

    std::size_t place(Date d) const { return static_cast<std::size_t>((d - first_).count()); }

    void close(const HolidayRule& rule, int year) {
        for_each_near(rule.dates, year, lead_, [&](Date d, bool by_rule) {
            if (d < first_ || last_ < d) return;
            const Reason*& there = by_day_[place(d)];
            if (by_rule && rule.in_lieu && rule.in_lieu->holds(d, there != nullptr))
                moved_.push_back({d, &rule.reason});
            if (!there) there = by_rule ? &rule.reason : &rule.listed_reason;
        });
    }

    void close_in_lieu() {
        std::stable_sort(moved_.begin(), moved_.end(), [](const Moved& a, const Moved& b) { return a.date < b.date; });
        for (const Moved& moved : moved_) {
            Date d = moved.date;
            while (d <= last_ && (on(d) || !rules_.week_has(d))) d += one_day;
            if (d <= last_) by_day_[place(d)] = moved.reason;
        }
    }

    static constexpr int days_before = 14;

    const CalendarRules& rules_;
    Date first_, last_;
    int lead_ = 0;
    std::vector<const Reason*> by_day_;
    std::vector<Moved> moved_;
};

}  // namespace

Session session_at(Date d, const LocalHours& hours, const LocalHours& regular, const Zone& zone) {
    Clocks clocks{zone};
    Session session;
    fill(session, clocks, d, hours, regular);
    return session;
}

YearOfSessions::YearOfSessions(const CalendarRules& rules, const Zone& zone, int year)
    : first_day_(make_date(year, 1, 1)), last_day_(make_date(year, 12, 31)) {
    apply_holidays(rules);
    apply_special_hours(rules, year);
    apply_single_days(rules);
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

// Rules first; single dates override them.
void YearOfSessions::apply_holidays(const CalendarRules& rules) {
    const Holidays holidays{rules, first_day_, last_day_};
    for (Date d = first_day_; d <= last_day_; d += one_day) {
        holidays_[day(d)] = reasons_[day(d)] = holidays.on(d);
        if (holidays.on(d)) kinds_[day(d)] = Kind::closed;
    }
}

void YearOfSessions::apply_special_hours(const CalendarRules& rules, int year) {
    for (const SpecialHoursRule& rule : rules.special_hours)
        for_each_near(rule.dates, year, 0, [&](Date date, bool by_rule) {
            if (date < first_day_ || last_day_ < date) return;
            const std::size_t d = day(date);
            if (kinds_[d] == Kind::closed || changes_[d]) return;
            reasons_[d] = by_rule ? &rule.reason : &rule.listed_reason;
            changes_[d] = &rule.change;
        });
}

void YearOfSessions::apply_single_days(const CalendarRules& rules) {
    const auto for_each_single = [&](const std::map<Date, SingleDay>& days, auto&& body) {
        for (auto at = days.lower_bound(first_day_); at != days.end() && at->first <= last_day_; ++at)
            body(day(at->first), at->second);
    };
    for_each_single(rules.closed, [&](std::size_t d, const SingleDay& single) {
        kinds_[d] = Kind::closed;
        reasons_[d] = &single.reason;
    });
    const auto open_with = [&](std::size_t d, const SingleDay& single) {
        changes_[d] = single.change.empty() ? nullptr : &single.change;
        reasons_[d] = &single.reason;
    };
    for_each_single(rules.special_hours_on, [&](std::size_t d, const SingleDay& single) {
        if (kinds_[d] != Kind::closed) open_with(d, single);
    });
    for_each_single(rules.extra_sessions, [&](std::size_t d, const SingleDay& single) {
        kinds_[d] = Kind::extra;
        open_with(d, single);
    });
}

LocalHours YearOfSessions::local_hours(const CalendarRules& rules, Date d) const {
    const HoursChange* change = changes_[day(d)];
    return change ? rules.changed_hours(d, *change) : rules.regular_hours(d);
}

void YearOfSessions::add_sessions(const CalendarRules& rules, const Zone& zone) {
    std::vector<Date> dates;
    dates.reserve(days_at_most);
    for (Date d = first_day_; d <= last_day_; d += one_day) {
        first_from_[day(d)] = static_cast<std::uint16_t>(dates.size());
        const Kind kind = kinds_[day(d)];
        if (kind == Kind::extra || (kind == Kind::by_week && rules.week_has(d))) dates.push_back(d);
        // Special hours on a day without a session have no effect.
        else if (kind == Kind::by_week) reasons_[day(d)] = nullptr;
    }
    Clocks clocks{zone};
    sessions_.resize(dates.size());
    auto session = sessions_.begin();
    for (const Date d : dates) {
        const LocalHours& regular = rules.hours_rule(d).hours;
        const HoursChange* change = changes_[day(d)];
        if (change) fill(*session++, clocks, d, rules.changed_hours(d, *change), regular);
        else fill(*session++, clocks, d, regular, regular);
    }
}

}  // namespace mc
