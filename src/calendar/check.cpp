#include "calendar/check.h"

#include <fmt/format.h>

#include <algorithm>
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
    Checker(const CalendarRules& rules, const std::string& file, const Zone& zone)
        : rules_(rules), file_(file), zone_(zone) {
        for (int year = year_of(rules.coverage.from); year <= year_of(rules.coverage.to); ++year)
            years_.push_back(std::make_unique<YearOfSessions>(rules, zone, year));
    }

    Errors errors() {
        check_rows();
        check_rules();
        check_single_days();
        check_sessions();
        const auto place = [](const Error& e) { return std::tie(e.spot.line, e.spot.column); };
        std::sort(errors_.begin(), errors_.end(), [&](const Error& a, const Error& b) { return place(a) < place(b); });
        return std::move(errors_);
    }

   private:
    void wrong(const Spot& spot, std::string what, std::string hint = {}) {
        const bool first_there = told_.insert({spot.file, spot.line, spot.column}).second;
        if (first_there) errors_.push_back({Error::Kind::config, std::move(what), std::move(hint), spot});
    }

    bool is_own(const Spot& spot) const { return spot.file == file_; }

    const YearOfSessions& year(Date d) const {
        return *years_[static_cast<std::size_t>(year_of(d) - year_of(rules_.coverage.from))];
    }
    const Session* session(Date d) const { return year(d).session(d); }

    template <class Holds>
    bool any_date(Holds holds) const {
        for (Date d = rules_.coverage.from; d <= rules_.coverage.to; d += date::days{1})
            if (holds(d)) return true;
        return false;
    }

    // The dates of a rule that lie in coverage.
    std::vector<Date> dates_of(const DatesByRule& dates) const {
        std::vector<Date> result;
        const auto add = [&](Date d, bool) {
            if (rules_.coverage.holds(d)) result.push_back(d);
        };
        for (int y = year_of(rules_.coverage.from) - 1; y <= year_of(rules_.coverage.to) + 1; ++y)
            dates.for_each_in(y, add);
        return result;
    }

    bool has_special_hours(Date d) const {
        return session(d) && year(d).local_hours(rules_, d) != rules_.regular_hours(d);
    }

    void check_rows() {
        for (const HoursRule& row : rules_.hours)
            if (is_own(row.spot) && !any_date([&](Date d) { return session(d) && &rules_.hours_rule(d) == &row; }))
                wrong(row.spot, "these hours are never in force", "correct from, to, days or within, or take them out");
        for (const WeekRule& row : rules_.weeks)
            if (is_own(row.spot) && !any_date([&](Date d) { return &rules_.week_rule(d) == &row; }))
                wrong(row.spot, "this week is never in force", "correct from and to, or take it out");
    }

    void check_rules() {
        for (const HolidayRule& rule : rules_.holidays) {
            if (!is_own(rule.reason.spot)) continue;
            const auto dates = dates_of(rule.dates);
            const auto closes = [&](Date d) { return rules_.week_has(d); };
            const auto is_in_lieu = [&](Date d) { return closes(d) && year(d).holiday(d) == &rule.reason; };
            const bool matches =
                std::any_of(dates.begin(), dates.end(), closes) || (rule.in_lieu && any_date(is_in_lieu));
            if (!matches)
                wrong(rule.reason.spot,
                      fmt::format("the holiday \"{}\" never closes a day of the week that trades", rule.reason.name));
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

    bool closed_by_rule(Date d) const { return year(d).holiday(d) != nullptr; }

    bool in_coverage(Date d, const SingleDay& day) {
        if (rules_.coverage.holds(d)) return true;
        wrong(day.reason.spot, fmt::format("{} is outside of coverage", to_string(d)));
        return false;
    }

    void check_single_days() {
        for (const auto& [d, day] : rules_.closed) {
            if (!is_own(day.reason.spot) || !in_coverage(d, day)) continue;
            if (!rules_.week_has(d))
                wrong(day.reason.spot, fmt::format("{} is closed already: its week does not have it", to_string(d)));
            else if (closed_by_rule(d))
                wrong(day.reason.spot, fmt::format("{} is closed already, by a [[holiday]]", to_string(d)));
            else if (rules_.extra_sessions.count(d) != 0)
                wrong(day.reason.spot, fmt::format("{} is closed and an extra session", to_string(d)));
        }
        for (const auto& [d, day] : rules_.special_hours_on) {
            if (!is_own(day.reason.spot) || !in_coverage(d, day)) continue;
            if (!session(d))
                wrong(day.reason.spot, fmt::format("{} is no session, so it has no special hours", to_string(d)));
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
        for (const auto& of_year : years_)
            for (const Session& now : of_year->sessions()) {
                if (!rules_.coverage.holds(now.date)) continue;
                check_session(now);
                if (before && now.open < before->close)
                    wrong(spot_of(now.date), fmt::format("the session of {} opens before that of {} closes",
                                                         to_string(now.date), to_string(before->date)));
                before = &now;
            }
    }

    void check_session(const Session& session) {
        const Spot spot = spot_of(session.date);
        const std::string d = to_string(session.date);
        if (session.close <= session.open) wrong(spot, fmt::format("on {} the close is not after the open", d));
        const LocalHours hours = year(session.date).local_hours(rules_, session.date);
        // By its clocks: a day on which they go back has 25.
        if (hours.close - hours.open > std::chrono::hours{24})
            wrong(spot, fmt::format("the session of {} is longer than 24 hours", d));
        if (session.pre && *session.pre > session.open) wrong(spot, fmt::format("on {} pre is after the open", d));
        if (session.post && *session.post < session.close)
            wrong(spot, fmt::format("on {} post is before the close", d));
        Instant last = session.open;
        for (const Span& span : session.breaks) {
            if (span.from < last || span.to <= span.from || session.close < span.to)
                wrong(spot, fmt::format("on {} a break is not inside the session, after the one before it", d));
            last = span.to;
        }
        std::vector<Seconds> times{hours.open, hours.close};
        for (const LocalSpan& span : hours.breaks) times.insert(times.end(), {span.from, span.to});
        for (const Seconds time : times)
            if (zone_.wall(WallTime{session.date} + time).kind == Zone::Wall::Kind::gap)
                wrong(spot, fmt::format("on {} the clocks skip {}", d, day_time_text(time)));
    }

    // Where the file says what is special about a date, or else its regular hours.
    Spot spot_of(Date d) const {
        const Reason* reason = year(d).reason(d);
        return reason ? reason->spot : rules_.hours_rule(d).spot;
    }

    const CalendarRules& rules_;
    const std::string& file_;
    const Zone& zone_;
    std::vector<std::unique_ptr<YearOfSessions>> years_;
    Errors errors_;
    std::set<std::tuple<std::string, std::uint32_t, std::uint32_t>> told_;
};

}  // namespace

ResultAll<CalendarPtr> check_calendar(std::string_view text, const std::string& file, const ZoneLookup& zones,
                                      const FindRules& find) {
    auto rules = read_calendar_rules(text, file, find);
    if (!rules) return tl::unexpected(std::move(rules.error()));
    auto zone = zones(rules->timezone);
    if (!zone) {
        zone.error().spot = rules->timezone_spot;
        return tl::unexpected(Errors{std::move(zone.error())});
    }
    Errors errors = Checker{*rules, file, **zone}.errors();
    if (!errors.empty()) return tl::unexpected(std::move(errors));
    return std::make_shared<const Calendar>(std::make_shared<const CalendarRules>(std::move(*rules)), std::move(*zone));
}

}  // namespace mc
