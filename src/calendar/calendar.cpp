#include "calendar/calendar.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "calendar/joint.h"
#include "calendar/rules.h"

namespace mc {

bool Session::is_open(Instant t) const {
    if (t < open || close <= t) return false;
    const auto holds = [t](const Span& span) { return span.from <= t && t < span.to; };
    return std::none_of(breaks.begin(), breaks.end(), holds);
}

namespace {

constexpr date::days one_day{1};

// A session ends at most two days after the midnight of its date. So, with the widest time zone, the session that
// contains or follows an instant is dated at most two days before the instant's date in UTC.
constexpr date::days reach{2};

Date utc_date(Instant t) { return Date{date::floor<date::days>(t).time_since_epoch()}; }

// The entry in the table of days for a year that was not computed yet.
const Session not_yet{};

class RulesDays final : public DaySource {
   public:
    RulesDays(std::shared_ptr<const CalendarRules> rules, ZonePtr zone)
        : rules_(std::move(rules)), zone_(std::move(zone)) {}

    const CalendarName& name() const override { return rules_->name; }
    const std::string& description() const override { return rules_->description; }
    const std::vector<std::string>& aliases() const override { return rules_->aliases; }
    Coverage coverage() const override { return rules_->coverage; }
    YearOfSessions year(int number) const override { return {*rules_, *zone_, number}; }
    bool week_has(Date d) const override { return rules_->week_has(d); }
    unsigned first_weekday(Date d) const override {
        constexpr unsigned monday = 1;
        const Weekdays days = rules_->week_rule(d).days;
        for (unsigned weekday = 0; weekday < 7; ++weekday)
            if (days.has_weekday(weekday) && !days.has_weekday((weekday + 6) % 7)) return weekday;
        return monday;
    }
    Session regular(Date d) const override {
        const LocalHours hours = rules_->regular_hours(d);
        return session_at(d, hours, hours, *zone_);
    }
    std::string doubt(Date d) const override { return rules_->doubt(d); }

   private:
    std::shared_ptr<const CalendarRules> rules_;
    ZonePtr zone_;
};

}  // namespace

// The source of days, and what was computed so far: years of sessions, and a table of all covered days, so that a
// question about a date is one lookup.
struct Calendar::Memo {
    Memo(std::unique_ptr<DaySource> source, std::shared_ptr<const CalendarRules> calendar_rules, ZonePtr calendar_zone)
        : days(std::move(source)),
          rules(std::move(calendar_rules)),
          zone(std::move(calendar_zone)),
          coverage(days->coverage()),
          first_year(year_of(coverage.from)),
          last_year(year_of(coverage.to)),
          years(static_cast<std::size_t>(last_year - first_year + 1)),
          by_day(place_of(coverage.to) + 1, &not_yet) {}

    static int year_of(Date d) { return static_cast<int>(civil(d).year()); }
    std::size_t place_of(Date d) const { return static_cast<std::size_t>((d - coverage.from).count()); }

    // The sessions of a year that overlaps coverage.
    const YearOfSessions& year(int number) {
        auto& place = years[static_cast<std::size_t>(number - first_year)];
        if (!place) {
            place = std::make_unique<YearOfSessions>(days->year(number));
            const Date last = std::min(make_date(number, 12, 31), coverage.to);
            for (Date d = std::max(make_date(number, 1, 1), coverage.from); d <= last; d += one_day)
                by_day[place_of(d)] = place->session(d);
        }
        return *place;
    }

    // The session of a covered date, or null.
    const Session* on(Date d) {
        const Session* session = by_day[place_of(d)];
        if (session != &not_yet) return session;
        return year(year_of(d)).session(d);
    }

    tl::unexpected<Error> beyond_coverage(const std::string& asked) const {
        return fail(Error::Kind::calendar, fmt::format("{} does not cover {}", days->name(), asked),
                    fmt::format("its coverage is {} to {}", to_string(coverage.from), to_string(coverage.to)));
    }

    // A session that was found by counting; an error if it is in a covered year, but outside coverage.
    Result<const Session*> covered(const Session& session) const {
        if (!coverage.holds(session.date)) return beyond_coverage(to_string(session.date));
        return &session;
    }

    // The session at `index` after (or before, if negative) the first session of the year.
    Result<const Session*> at(int number, std::ptrdiff_t index) {
        while (index < 0) {
            if (--number < first_year) return beyond_coverage("sessions before its first date");
            index += std::ssize(year(number).sessions());
        }
        while (index >= std::ssize(year(number).sessions())) {
            index -= std::ssize(year(number).sessions());
            if (++number > last_year) return beyond_coverage("sessions after its last date");
        }
        return covered(year(number).sessions()[static_cast<std::size_t>(index)]);
    }

    // Whether the local date of an instant is covered. Far from the ends, the result is the same in every zone.
    bool covers(Instant t) const {
        const Date d = utc_date(t);
        if (coverage.from + reach <= d && d <= coverage.to - reach) return true;
        return coverage.holds(date_of(zone->to_wall(t)));
    }

    // The first session, by date, for which `later` is true; it is true for all sessions after that.
    template <class Later>
    Result<const Session*> first_session(Instant t, Later later) {
        if (!covers(t)) return beyond_coverage(to_string(date_of(zone->to_wall(t))));
        for (Date d = std::max(utc_date(t) - reach, coverage.from); d <= coverage.to; d += one_day)
            if (const Session* session = on(d); session && later(*session)) return session;
        return beyond_coverage("sessions after its last date");
    }

    std::unique_ptr<DaySource> days;
    std::shared_ptr<const CalendarRules> rules;  // null for a joint calendar
    ZonePtr zone;
    Coverage coverage;
    int first_year, last_year;
    std::vector<std::unique_ptr<YearOfSessions>> years;
    std::vector<const Session*> by_day;  // one for each covered day
    std::map<int, date::days> spans;     // by the number of sessions
};

Calendar::Calendar(std::shared_ptr<const CalendarRules> rules, ZonePtr zone) {
    auto days = std::make_unique<RulesDays>(rules, zone);
    memo_ = std::make_unique<Memo>(std::move(days), std::move(rules), std::move(zone));
}
Calendar::Calendar(JointCalendar joint) {
    const ZonePtr zone = joint.zone;
    memo_ = std::make_unique<Memo>(joint_days(std::move(joint)), nullptr, zone);
}
Calendar::Calendar(std::unique_ptr<DaySource> days, ZonePtr zone) {
    memo_ = std::make_unique<Memo>(std::move(days), nullptr, std::move(zone));
}
Calendar::~Calendar() = default;
Calendar::Calendar(Calendar&&) noexcept = default;

const CalendarName& Calendar::name() const { return memo_->days->name(); }
const std::string& Calendar::description() const { return memo_->days->description(); }
const std::vector<std::string>& Calendar::aliases() const { return memo_->days->aliases(); }
const ZonePtr& Calendar::zone() const { return memo_->zone; }
Coverage Calendar::coverage() const { return memo_->coverage; }
const std::shared_ptr<const CalendarRules>& Calendar::rules() const { return memo_->rules; }

Result<const Session*> Calendar::session(Date d) const {
    if (!memo_->coverage.holds(d)) return memo_->beyond_coverage(to_string(d));
    return memo_->on(d);
}

Result<const Session*> Calendar::nth_from(Date d, int n) const {
    if (n == 0) return session(d);
    if (!memo_->coverage.holds(d)) return memo_->beyond_coverage(to_string(d));
    const int number = Memo::year_of(d);
    const YearOfSessions& year = memo_->year(number);
    const auto here = static_cast<std::ptrdiff_t>(year.index_from(d));
    const std::ptrdiff_t already_past = year.session(d) ? 1 : 0;
    return memo_->at(number, n < 0 ? here + n : here + already_past + n - 1);
}

Result<const Session*> Calendar::on_or_after(Date d) const {
    if (!memo_->coverage.holds(d)) return memo_->beyond_coverage(to_string(d));
    const int number = Memo::year_of(d);
    return memo_->at(number, static_cast<std::ptrdiff_t>(memo_->year(number).index_from(d)));
}

Result<const Session*> Calendar::trading_session(Instant t) const {
    return memo_->first_session(t, [t](const Session& session) { return session.close > t; });
}

Result<const Session*> Calendar::next_open(Instant t) const {
    return memo_->first_session(t, [t](const Session& session) { return session.open > t; });
}

Result<bool> Calendar::is_open(Instant t) const {
    if (!memo_->covers(t)) return memo_->beyond_coverage(to_string(date_of(memo_->zone->to_wall(t))));
    for (Date d = utc_date(t) - reach; d <= utc_date(t) + reach; d += one_day) {
        if (memo_->coverage.holds(d)) {
            const Session* session = memo_->on(d);
            if (session && session->open > t) return false;  // also true of all later dates
            if (session && session->is_open(t)) return true;
        } else if (week_has(d) && regular(d).is_open(t)) {
            // The session of a neighbouring day that is not covered might contain t.
            return memo_->beyond_coverage(to_string(d));
        }
    }
    return false;
}

bool Calendar::week_has(Date d) const { return memo_->days->week_has(d); }

unsigned Calendar::first_weekday(Date d) const { return memo_->days->first_weekday(d); }

Session Calendar::regular(Date d) const { return memo_->days->regular(d); }

Result<DayFacts> Calendar::facts(Date d) const {
    const auto here = session(d);
    if (!here) return tl::unexpected(here.error());
    DayFacts facts{d, *here, week_has(d), "", false, std::nullopt, false, memo_->days->doubt(d), false};
    if (const Reason* reason = memo_->year(Memo::year_of(d)).reason(d)) {
        facts.reason = reason->name;
        facts.unscheduled = reason->unscheduled;
        facts.declared = reason->declared;
        facts.tentative = reason->tentative;
        facts.apart = reason->apart;
    }
    return facts;
}

date::days Calendar::longest_span(int n) const {
    if (const auto known = memo_->spans.find(n); known != memo_->spans.end()) return known->second;
    date::days longest{0};
    std::vector<Date> dates;
    const auto apart = static_cast<std::size_t>(n);
    for (auto found = on_or_after(memo_->coverage.from); found; found = nth_from(dates.back(), 1)) {
        dates.push_back((*found)->date);
        if (dates.size() > apart) longest = std::max(longest, dates.back() - dates[dates.size() - 1 - apart]);
    }
    if (dates.size() <= apart) longest = memo_->coverage.to - memo_->coverage.from;
    memo_->spans.emplace(n, longest);
    return longest;
}

CalendarPtr as_known_on(const Calendar& calendar, Date day) {
    if (!calendar.rules()) return nullptr;
    auto rules = std::make_shared<const CalendarRules>(as_known_on(*calendar.rules(), day));
    return std::make_shared<const Calendar>(std::move(rules), calendar.zone());
}

}  // namespace mc
