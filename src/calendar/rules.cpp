#include "calendar/rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace mc {
namespace {

bool begun_and_not_over(const std::optional<Date>& from, const std::optional<Date>& to, Date d) {
    return (!from || *from <= d) && (!to || d <= *to);
}

bool has(const std::vector<int>& years, int year) { return std::find(years.begin(), years.end(), year) != years.end(); }

}  // namespace

// Years that are certainly outside `from` and `to` are not computed.
bool DatesByRule::keeps_year(int year) const {
    constexpr date::days led{DayRule::days_later_at_most};
    if ((from && make_date(year, 12, 31) + led < *from) || (to && *to < make_date(year, 1, 1) - led)) return false;
    return (years.empty() || has(years, year)) && !has(except, year);
}

bool DatesByRule::keeps(Date d) const {
    if (!begun_and_not_over(from, to, d) || !only.has(d)) return false;
    return (!within || within->has(d)) && !(not_within && not_within->has(d));
}

bool DatesByRule::reaches_next_year(int year, int lead) const {
    if (lead > 0 && !dates.empty()) return true;
    return on && keeps_year(year) && on->room(year).after < ObservedShift::days_at_most + days - 1 + lead;
}

bool DatesByRule::reaches_year_before(int year) const {
    return on && keeps_year(year) && on->room(year).before < ObservedShift::days_at_most;
}

bool DatesByRule::gives(Date d) const {
    const int year = static_cast<int>(civil(d).year());
    if (!on && dates.empty()) return keeps_year(year) && keeps(d);
    bool found = false;
    for (int number = year - 1; number <= year + 1; ++number)
        for_each_in(number, [&](Date one, bool) { found = found || one == d; });
    return found;
}

const WeekRule& CalendarRules::week_rule(Date d) const {
    for (auto week = weeks.rbegin(); week != weeks.rend(); ++week)
        if (begun_and_not_over(week->from, week->to, d)) return *week;
    return weeks.front();
}

// An extra session may fall on a weekday without hours; it uses the last hours that have begun.
const HoursRule& CalendarRules::hours_rule(Date d) const {
    const HoursRule* fallback = nullptr;
    for (auto rule = hours.rbegin(); rule != hours.rend(); ++rule) {
        if (!begun_and_not_over(rule->from, rule->to, d)) continue;
        if (rule->within && !rule->within->has(d)) continue;
        if (rule->days.has(d)) return *rule;
        if (!fallback) fallback = &*rule;
    }
    return fallback ? *fallback : hours.front();
}

LocalHours CalendarRules::changed_hours(Date d, const HoursChange& change) const {
    const HoursRule& rule = hours_rule(d);
    LocalHours result = rule.hours;
    result.open = change.open.value_or(result.open);
    result.close = change.close.value_or(result.close);
    result.breaks = change.breaks.value_or(result.breaks);
    const auto outside = [&](const LocalSpan& span) { return span.to <= result.open || result.close <= span.from; };
    std::erase_if(result.breaks, outside);
    if (result.close < rule.hours.close && rule.post_after_early_close) result.post = rule.post_after_early_close;
    if (change.pre) result.pre = change.pre;
    if (change.post) result.post = change.post;
    return result;
}

std::string CalendarRules::doubt(Date d) const {
    std::string text;
    for (const DoubtRule& rule : doubts)
        if (rule.dates.gives(d)) text += (text.empty() ? "" : "; ") + rule.reason.name;
    return text;
}

Result<std::shared_ptr<const CalendarRules>> no_rules_to_extend(std::string_view name) {
    return fail(Error::Kind::config, fmt::format("unknown calendar \"{}\"", name),
                "nothing can be extended here: write the whole calendar");
}

CalendarRules with_changes(CalendarRules rules, const std::vector<DayChange>& changes) {
    for (const DayChange& change : changes) {
        rules.closed.erase(change.date);
        rules.special_hours_on.erase(change.date);
        rules.extra_sessions.erase(change.date);
        auto& place = change.closed ? rules.closed : rules.extra_sessions;
        place[change.date] = SingleDay{change.hours, change.reason};
    }
    return rules;
}

CalendarRules as_known_on(CalendarRules rules, Date day) {
    const auto later = [day](const auto& rule) { return rule.reason.declared && *rule.reason.declared > day; };
    std::erase_if(rules.holidays, later);
    std::erase_if(rules.special_hours, later);
    for (auto* days : {&rules.closed, &rules.special_hours_on, &rules.extra_sessions})
        std::erase_if(*days, [day](const auto& entry) {
            const auto& [date, single] = entry;
            const Date otherwise = single.reason.unscheduled ? date : day;
            return single.reason.declared.value_or(otherwise) > day;
        });
    return rules;
}

}  // namespace mc
