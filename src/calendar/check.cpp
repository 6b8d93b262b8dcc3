#include "calendar/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <vector>

#include "calendar/rules.h"
#include "calendar/year.h"

namespace mc {
namespace {

int year_of(Date d) { return static_cast<int>(civil(d).year()); }

class Checker {
   public:
    Checker(const CalendarRules& rules, std::string file, const Zone& zone)
        : rules_(rules), file_(std::move(file)), zone_(zone) {
        const int years = year_of(rules.coverage.to) - year_of(rules.coverage.from) + 1;
        years_.resize(static_cast<std::size_t>(years));
    }

    Errors errors() {
        check_rows();
        check_rules();
        check_doubts();
        check_single_days();
        check_sessions();
        return sorted();
    }

    Errors errors_on(const std::vector<Date>& dates) {
        for (const Date d : dates)
            if (const Session* now = session(d)) {
                check_session(*now);
                check_neighbours(*now);
            }
        return sorted();
    }

   private:
    Errors sorted() {
        const auto place = [](const Error& e) { return std::tie(e.spot.line, e.spot.column); };
        std::sort(errors_.begin(), errors_.end(), [&](const Error& a, const Error& b) { return place(a) < place(b); });
        return std::move(errors_);
    }

    void wrong(const Spot& spot, std::string what, std::string hint = {}) {
        const bool first_there = told_.insert({spot.file, spot.line, spot.column}).second;
        if (first_there) errors_.push_back({Error::Kind::config, std::move(what), std::move(hint), spot});
    }

    bool is_own(const Spot& spot) const { return spot.file == file_; }

    // For a date in a year that overlaps coverage; computed when first needed.
    const YearOfSessions& year(Date d) {
        auto& place = years_[static_cast<std::size_t>(year_of(d) - year_of(rules_.coverage.from))];
        if (!place) place = std::make_unique<YearOfSessions>(rules_, zone_, year_of(d));
        return *place;
    }
    const Session* session(Date d) { return year(d).session(d); }

    template <class Holds>
    bool any_date(Holds holds) {
        for (Date d = rules_.coverage.from; d <= rules_.coverage.to; d += date::days{1})
            if (holds(d)) return true;
        return false;
    }

    // The dates of a rule that are in coverage.
    std::vector<Date> dates_of(const DatesByRule& dates) const {
        std::vector<Date> result;
        const auto add = [&](Date d, bool) {
            if (rules_.coverage.holds(d)) result.push_back(d);
        };
        for (int y = year_of(rules_.coverage.from) - 1; y <= year_of(rules_.coverage.to) + 1; ++y)
            dates.for_each_in(y, add);
        return result;
    }

    bool has_special_hours(Date d) { return session(d) && year(d).local_hours(rules_, d) != rules_.regular_hours(d); }

    void check_rows() {
        for (const HoursRule& row : rules_.hours)
            if (is_own(row.spot) && !any_date([&](Date d) { return session(d) && &rules_.hours_rule(d) == &row; }))
                wrong(row.spot, "these hours are never in force", "correct from, to, days or within, or remove them");
        for (const WeekRule& row : rules_.weeks)
            if (is_own(row.spot) && !any_date([&](Date d) { return &rules_.week_rule(d) == &row; }))
                wrong(row.spot, "this week is never in force", "correct from and to, or remove it");
    }

    // Listed dates replace the rule for the whole year, so they may include a date of another holiday.
    void check_listed_twice() {
        std::map<Date, const HolidayRule*> listed;
        for (const HolidayRule& rule : rules_.holidays)
            for (const Date d : rule.dates.dates) {
                const auto [place, added] = listed.emplace(d, &rule);
                const HolidayRule& first = *place->second;
                const bool of_rules = (rule.dates.on || first.dates.on) && rule.reason.name != first.reason.name;
                if (added || of_rules || !is_own(rule.reason.spot)) continue;
                wrong(rule.reason.spot,
                      fmt::format("{} is already in the dates of \"{}\"", to_string(d), first.reason.name),
                      "keep one of them");
            }
    }

    void check_rules() {
        check_listed_twice();
        for (const HolidayRule& rule : rules_.holidays) {
            if (!is_own(rule.reason.spot)) continue;
            const auto dates = dates_of(rule.dates);
            const auto closes = [&](Date d) { return rules_.week_has(d); };
            const auto is_in_lieu = [&](Date d) { return closes(d) && year(d).holiday(d) == &rule.reason; };
            const bool matches =
                std::any_of(dates.begin(), dates.end(), closes) || (rule.in_lieu && any_date(is_in_lieu));
            if (!matches)
                wrong(rule.reason.spot,
                      fmt::format("the holiday \"{}\" never closes a trading day of the week", rule.reason.name));
        }
        for (const SpecialHoursRule& rule : rules_.special_hours) {
            if (!is_own(rule.reason.spot)) continue;
            const auto dates = dates_of(rule.dates);
            const bool matches = std::any_of(dates.begin(), dates.end(), [&](Date d) {
                const Reason* reason = year(d).reason(d);
                return has_special_hours(d) && (reason == &rule.reason || reason == &rule.listed_reason);
            });
            if (!matches)
                wrong(rule.reason.spot,
                      fmt::format("the special hours \"{}\" never change a session", rule.reason.name));
        }
    }

    void check_doubts() {
        for (const DoubtRule& rule : rules_.doubts)
            if (is_own(rule.reason.spot) && !any_date([&](Date d) { return rule.dates.gives(d); }))
                wrong(rule.reason.spot, "this doubt applies to no date of coverage", "correct its dates, or remove it");
    }

    bool closed_by_rule(Date d) { return year(d).holiday(d) != nullptr; }

    bool in_coverage(Date d, const SingleDay& day) {
        if (rules_.coverage.holds(d)) return true;
        wrong(day.reason.spot, fmt::format("{} is outside of coverage", to_string(d)));
        return false;
    }

    void check_single_days() {
        for (const auto& [d, day] : rules_.closed) {
            if (!is_own(day.reason.spot) || !in_coverage(d, day)) continue;
            if (!rules_.week_has(d))
                wrong(day.reason.spot,
                      fmt::format("{} is already closed: it is not a trading day of the week", to_string(d)));
            else if (closed_by_rule(d))
                wrong(day.reason.spot, fmt::format("{} is already closed, by a [[holiday]]", to_string(d)));
            else if (rules_.extra_sessions.count(d) != 0)
                wrong(day.reason.spot, fmt::format("{} is closed and an extra session", to_string(d)));
        }
        for (const auto& [d, day] : rules_.special_hours_on) {
            if (!is_own(day.reason.spot) || !in_coverage(d, day)) continue;
            if (!session(d))
                wrong(day.reason.spot, fmt::format("{} is not a session, so it has no special hours", to_string(d)));
            else if (rules_.extra_sessions.count(d) != 0)
                wrong(day.reason.spot, fmt::format("{} is an extra session: write its hours there", to_string(d)));
            else if (!has_special_hours(d))
                wrong(day.reason.spot, fmt::format("the hours of {} are the regular ones", to_string(d)));
        }
        for (const auto& [d, day] : rules_.extra_sessions) {
            if (!is_own(day.reason.spot) || !in_coverage(d, day)) continue;
            if (rules_.week_has(d) && !closed_by_rule(d) && day.change.empty())
                wrong(day.reason.spot, fmt::format("{} is a session anyway", to_string(d)));
        }
    }

    void check_sessions() {
        const Session* before = nullptr;
        for (int number = year_of(rules_.coverage.from); number <= year_of(rules_.coverage.to); ++number)
            for (const Session& now : year(make_date(number, 1, 1)).sessions()) {
                if (!rules_.coverage.holds(now.date)) continue;
                check_session(now);
                check_has_hours(now.date);
                if (before && now.open < before->close)
                    wrong(spot_of(now.date), fmt::format("the session of {} opens before that of {} closes",
                                                         to_string(now.date), to_string(before->date)));
                before = &now;
            }
    }

    // The nearest session within a week, which is farther than two sessions can overlap.
    void check_neighbours(const Session& now) {
        const auto nearest = [&](int step) -> const Session* {
            for (int days = step; - 7 <= days && days <= 7; days += step) {
                const Date d = now.date + date::days{days};
                if (!rules_.coverage.holds(d)) return nullptr;
                if (const Session* other = session(d)) return other;
            }
            return nullptr;
        };
        const Session *before = nearest(-1), *after = nearest(1);
        const auto tell = [&](const Session& first, const Session& second) {
            wrong(spot_of(now.date), fmt::format("the session of {} opens before that of {} closes",
                                                 to_string(second.date), to_string(first.date)));
        };
        if (before && now.open < before->close) tell(*before, now);
        if (after && after->open < now.close) tell(now, *after);
    }

    // Hours for a day without any would be a guess. An extra session may use the hours of another weekday.
    void check_has_hours(Date d) {
        const HoursRule& row = rules_.hours_rule(d);
        const auto extra = rules_.extra_sessions.find(d);
        const bool is_extra = extra != rules_.extra_sessions.end();
        if (is_extra && extra->second.change.open && extra->second.change.close) return;
        const bool in_force =
            (!row.from || *row.from <= d) && (!row.to || d <= *row.to) && (!row.within || row.within->has(d));
        if (in_force && (is_extra || row.days.has(d))) return;
        const WeekRule& week = rules_.week_rule(d);
        wrong(!is_own(row.spot) && is_own(week.spot) ? week.spot : row.spot,
              fmt::format("there are no [[hours]] for {}, {}", to_string(d), weekday_name(d)),
              "write some for it, or correct from, to, days or within, the week or coverage");
    }

    static std::string_view weekday_name(Date d) {
        constexpr std::array<std::string_view, 7> names{"a Sunday",   "a Monday", "a Tuesday", "a Wednesday",
                                                        "a Thursday", "a Friday", "a Saturday"};
        return names[weekday_of(d)];
    }

    void check_session(const Session& session) {
        const Spot spot = spot_of(session.date);
        const std::string d = to_string(session.date);
        const LocalHours hours = year(session.date).local_hours(rules_, session.date);
        std::vector<Seconds> times{hours.open, hours.close};
        if (hours.pre) times.push_back(*hours.pre);
        if (hours.post) times.push_back(*hours.post);
        for (const LocalSpan& span : hours.breaks) times.insert(times.end(), {span.from, span.to});
        for (const Seconds time : times)
            if (zone_.wall(WallTime{session.date} + time).kind == Zone::Wall::Kind::gap)
                wrong(spot, fmt::format("on {} the local time {} does not exist", d, day_time_text(time)));
        if (session.close <= session.open) wrong(spot, fmt::format("on {} the close is not after the open", d));
        // In local time: a day on which the clocks go back has 25 hours.
        if (hours.close - hours.open > std::chrono::hours{24})
            wrong(spot, fmt::format("the session of {} is longer than 24 hours", d));
        if (session.pre && *session.pre > session.open) wrong(spot, fmt::format("on {} pre is after the open", d));
        if (session.post && *session.post < session.close)
            wrong(spot, fmt::format("on {} post is before the close", d));
        Instant last = session.open;
        for (const Span& span : session.breaks) {
            if (span.from < last || span.to <= span.from || session.close < span.to)
                wrong(spot, fmt::format(
                                "on {} a break is empty, not inside the session, or not after the break before it", d));
            last = span.to;
        }
    }

    // The place where the file makes a date special, or else that of its regular hours.
    Spot spot_of(Date d) {
        const Reason* reason = year(d).reason(d);
        return reason ? reason->spot : rules_.hours_rule(d).spot;
    }

    const CalendarRules& rules_;
    const std::string file_;
    const Zone& zone_;
    std::vector<std::unique_ptr<YearOfSessions>> years_;
    Errors errors_;
    std::set<std::tuple<std::string, std::uint32_t, std::uint32_t>> told_;
};

}  // namespace

Errors check_rules(const CalendarRules& rules, const std::string& file, const Zone& zone) {
    return Checker{rules, file, zone}.errors();
}

Errors check_sessions_on(const CalendarRules& rules, const Zone& zone, const std::vector<Date>& dates) {
    return Checker{rules, "", zone}.errors_on(dates);
}

ResultAll<CalendarPtr> check_calendar(std::string_view text, const std::string& file, const ZoneLookup& zones,
                                      const FindRules& find) {
    auto rules = read_calendar_rules(text, file, find);
    if (!rules) return tl::unexpected(std::move(rules.error()));
    auto zone = zones(rules->timezone);
    if (!zone) {
        zone.error().spot = rules->timezone_spot;
        return tl::unexpected(Errors{std::move(zone.error())});
    }
    Errors errors = check_rules(*rules, file, **zone);
    if (!errors.empty()) return tl::unexpected(std::move(errors));
    return std::make_shared<const Calendar>(std::make_shared<const CalendarRules>(std::move(*rules)), std::move(*zone));
}

}  // namespace mc
