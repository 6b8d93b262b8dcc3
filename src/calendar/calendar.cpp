#include "calendar/calendar.h"

#include <fmt/format.h>

#include <algorithm>

#include "calendar/rules.h"
#include "calendar/year.h"

namespace mc {

bool Session::is_open(Instant t) const {
    if (t < open || close <= t) return false;
    const auto holds = [t](const Span& span) { return span.from <= t && t < span.to; };
    return std::none_of(breaks.begin(), breaks.end(), holds);
}

// The rules, and the years worked out so far.
struct Calendar::Memo {
    Memo(std::shared_ptr<const CalendarRules> calendar_rules, ZonePtr calendar_zone)
        : rules(std::move(calendar_rules)),
          zone(std::move(calendar_zone)),
          first_year(year_of(rules->coverage.from)),
          last_year(year_of(rules->coverage.to)),
          years(static_cast<std::size_t>(last_year - first_year + 1)) {}

    static int year_of(Date d) { return static_cast<int>(civil(d).year()); }

    // Of a year that coverage touches.
    const YearOfSessions& year(int number) {
        auto& place = years[static_cast<std::size_t>(number - first_year)];
        if (!place) place = std::make_unique<YearOfSessions>(*rules, *zone, number);
        return *place;
    }

    tl::unexpected<Error> beyond_coverage(const std::string& asked) const {
        const Coverage& coverage = rules->coverage;
        return fail(Error::Kind::calendar, fmt::format("{} does not know {}", rules->name, asked),
                    fmt::format("its coverage is {} to {}", to_string(coverage.from), to_string(coverage.to)));
    }

    // A session that was found by counting, unless it lies in the covered years but not in coverage.
    Result<const Session*> covered(const Session& session) const {
        if (!rules->coverage.holds(session.date)) return beyond_coverage(to_string(session.date));
        return &session;
    }

    // The session `index` places after (before, if negative) the first one of the year.
    Result<const Session*> at(int number, std::ptrdiff_t index) {
        while (index < 0) {
            if (--number < first_year) return beyond_coverage("sessions before its coverage");
            index += std::ssize(year(number).sessions());
        }
        while (index >= std::ssize(year(number).sessions())) {
            index -= std::ssize(year(number).sessions());
            if (++number > last_year) return beyond_coverage("sessions after its coverage");
        }
        return covered(year(number).sessions()[static_cast<std::size_t>(index)]);
    }

    // The first session for which `later` holds, where it holds for none that ended long before t
    // and, once it holds, for all that follow.
    template <class Later>
    Result<const Session*> first_session(Instant t, Later later) {
        const Date local = date_of(zone->to_wall(t));
        if (!rules->coverage.holds(local)) return beyond_coverage(to_string(local));
        // A session lasts at most to the end of the day after its date, so two days back is enough.
        const Date start = std::max(local - date::days{2}, rules->coverage.from);
        const int number = year_of(start);
        for (auto index = static_cast<std::ptrdiff_t>(year(number).index_from(start));; ++index) {
            const auto session = at(number, index);
            if (!session || later(**session)) return session;
        }
    }

    std::shared_ptr<const CalendarRules> rules;
    ZonePtr zone;
    int first_year, last_year;
    std::vector<std::unique_ptr<YearOfSessions>> years;
};

Calendar::Calendar(std::shared_ptr<const CalendarRules> rules, ZonePtr zone)
    : memo_(std::make_unique<Memo>(std::move(rules), std::move(zone))) {}
Calendar::~Calendar() = default;
Calendar::Calendar(Calendar&&) noexcept = default;

const std::string& Calendar::name() const { return memo_->rules->name; }
const std::string& Calendar::description() const { return memo_->rules->description; }
const std::vector<std::string>& Calendar::aliases() const { return memo_->rules->aliases; }
const ZonePtr& Calendar::zone() const { return memo_->zone; }
Coverage Calendar::coverage() const { return memo_->rules->coverage; }
const std::shared_ptr<const CalendarRules>& Calendar::rules() const { return memo_->rules; }

Result<const Session*> Calendar::session(Date d) const {
    if (!memo_->rules->coverage.holds(d)) return memo_->beyond_coverage(to_string(d));
    return memo_->year(Memo::year_of(d)).session(d);
}

Result<const Session*> Calendar::nth_from(Date d, int n) const {
    if (n == 0) return session(d);
    if (!memo_->rules->coverage.holds(d)) return memo_->beyond_coverage(to_string(d));
    const int number = Memo::year_of(d);
    const YearOfSessions& year = memo_->year(number);
    const auto here = static_cast<std::ptrdiff_t>(year.index_from(d));
    const std::ptrdiff_t already_past = year.session(d) ? 1 : 0;
    return memo_->at(number, n < 0 ? here + n : here + already_past + n - 1);
}

Result<const Session*> Calendar::on_or_after(Date d) const {
    if (!memo_->rules->coverage.holds(d)) return memo_->beyond_coverage(to_string(d));
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
    const Date local = date_of(memo_->zone->to_wall(t));
    for (const int days : {-1, 0, 1}) {
        const Date d = local + date::days{days};
        if (const auto here = session(d)) {
            if (*here && (*here)->is_open(t)) return true;
        } else if (days == 0 || (week_has(d) && regular(d).is_open(t))) {
            // At the edge of coverage a neighbouring session, if there is one, would hold t.
            return tl::unexpected(here.error());
        }
    }
    return false;
}

bool Calendar::week_has(Date d) const { return memo_->rules->week_has(d); }

unsigned Calendar::first_weekday(Date d) const {
    constexpr unsigned monday = 1;
    const Weekdays days = memo_->rules->week_rule(d).days;
    for (unsigned weekday = 0; weekday < 7; ++weekday)
        if (days.has_weekday(weekday) && !days.has_weekday((weekday + 6) % 7)) return weekday;
    return monday;
}

Session Calendar::regular(Date d) const {
    const LocalHours hours = memo_->rules->regular_hours(d);
    return session_at(d, hours, hours, *memo_->zone);
}

Result<DayFacts> Calendar::facts(Date d) const {
    const auto here = session(d);
    if (!here) return tl::unexpected(here.error());
    DayFacts facts{d, *here, week_has(d), "", false, std::nullopt, false};
    if (const Reason* reason = memo_->year(Memo::year_of(d)).reason(d)) {
        facts.reason = reason->name;
        facts.unscheduled = reason->unscheduled;
        facts.declared = reason->declared;
        facts.tentative = reason->tentative;
    }
    return facts;
}

}  // namespace mc
