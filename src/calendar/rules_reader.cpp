// rules_reader.cpp — reads calendar files: TOML in, CalendarRules or all errors out.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "base/toml.h"
#include "calendar/calendar_values.h"
#include "calendar/head.h"
#include "calendar/rules.h"
#include "calendar/rules_table.h"

namespace mc {
namespace {

constexpr Seconds whole_day = std::chrono::hours{24};
constexpr date::days coverage_max{150 * 366};

// Reads the sections of a calendar file, with one function for each.
class CalendarReader {
   public:
    CalendarReader(std::string file, const FindRules& find, std::span<const std::string_view> apart, Errors& errors)
        : find_(find), apart_(apart), values_(std::move(file), errors) {}

    CalendarRules read(const toml::table& file) {
        values_.only_keys(
            file,
            {"name", "aliases", "description", "extends", "without", "timezone", "checked", "sources", "coverage",
             "week", "hours", "holiday", "special_hours", "closed", "special_hours_on", "extra_sessions", "doubt"},
            apart_);
        const bool extends = file.contains("extends");
        CalendarRules rules = extends ? base(file) : CalendarRules{};
        rules.name = CalendarName(values_.required_text(file, "name", "\"XNYS\""));
        if (const toml::node* name = file.get("name"); name && name->is_string())
            values_.check_word(values_.spot(*name), rules.name, CalendarWordKind::name);
        rules.aliases.clear();
        values_.for_each_text(file, "aliases", [&](const std::string& alias, const Spot& spot) {
            values_.check_word(spot, alias, CalendarWordKind::alias);
            rules.aliases.push_back(alias);
        });
        if (file.contains("description")) rules.description = values_.text(file, "description").value_or("");
        if (!extends || file.contains("timezone")) {
            rules.timezone = values_.required_text(file, "timezone", "\"America/New_York\"");
            if (const toml::node* zone = file.get("timezone")) rules.timezone_spot = values_.spot(*zone);
        }
        if (!extends || file.contains("checked")) rules.checked = values_.required_date(file, "checked");
        if (file.contains("sources")) rules.sources = values_.texts(file, "sources");
        if (!extends || file.contains("coverage")) rules.coverage = coverage(file);
        if (!extends && file.contains("without"))
            values_.wrong(values_.spot(*file.get("without")),
                          "without needs extends: it removes rules of the extended calendar",
                          "write extends = \"XETR\" too");
        rows(file, rules);
        days(file, rules);
        return rules;
    }

   private:
    enum class Change { none, allowed, needed };

    // The calendar that the file extends, without the rules that it removes.
    CalendarRules base(const toml::table& file) {
        const auto name = values_.text(file, "extends");
        if (!name) return {};
        const auto found = find_(*name);
        if (!found) {
            values_.wrong(values_.spot(*file.get("extends")), found.error().what, found.error().hint);
            return {};
        }
        CalendarRules rules = **found;
        values_.for_each_text(file, "without", [&](const std::string& left_out, const Spot& spot) {
            const auto is_it = [&](const auto& rule) { return rule.reason.name == left_out; };
            const auto gone = std::erase_if(rules.holidays, is_it) + std::erase_if(rules.special_hours, is_it) +
                              std::erase_if(rules.doubts, is_it);
            if (gone == 0) values_.wrong(spot, fmt::format("{} has no rule named \"{}\"", *name, left_out));
        });
        return rules;
    }

    // Weeks and hours come after the extended ones, because the last one wins; holidays and special hours before,
    // because the first one wins.
    void rows(const toml::table& file, CalendarRules& rules) {
        values_.for_each_table(file, "week", [&](const toml::table& entry) { rules.weeks.push_back(week(entry)); });
        if (rules.weeks.empty()) rules.weeks.emplace_back();
        values_.for_each_table(file, "hours", [&](const toml::table& entry) { rules.hours.push_back(hours(entry)); });
        if (rules.hours.empty() && !file.contains("extends") && !file.contains("hours"))
            values_.wrong(values_.spot(file), "there are no regular hours",
                          "write [[hours]] with open = \"09:30\" and close = \"16:00\"");
        std::vector<HolidayRule> holidays;
        values_.for_each_table(file, "holiday", [&](const toml::table& entry) { holidays.push_back(holiday(entry)); });
        rules.holidays.insert(rules.holidays.begin(), holidays.begin(), holidays.end());
        std::vector<SpecialHoursRule> special;
        values_.for_each_table(file, "special_hours",
                               [&](const toml::table& entry) { special.push_back(special_hours(entry)); });
        rules.special_hours.insert(rules.special_hours.begin(), special.begin(), special.end());
        std::vector<DoubtRule> doubts;
        values_.for_each_table(file, "doubt", [&](const toml::table& entry) { doubts.push_back(doubt(entry)); });
        rules.doubts.insert(rules.doubts.begin(), doubts.begin(), doubts.end());
    }

    // A single date replaces the same date of the extended calendar.
    void days(const toml::table& file, CalendarRules& rules) {
        auto closed = single_days(file, "closed", Change::none);
        auto special = single_days(file, "special_hours_on", Change::needed);
        auto extra = single_days(file, "extra_sessions", Change::allowed);
        for (const auto* own : {&closed, &special, &extra})
            for (const auto& [date, day] : *own)
                for (auto* extended : {&rules.closed, &rules.special_hours_on, &rules.extra_sessions})
                    extended->erase(date);
        rules.closed.merge(closed);
        rules.special_hours_on.merge(special);
        rules.extra_sessions.merge(extra);
    }

    Coverage coverage(const toml::table& file) {
        const toml::node* node = file.get("coverage");
        const toml::table* table = node ? node->as_table() : nullptr;
        if (!table) {
            values_.wrong(values_.spot(node ? *node : static_cast<const toml::node&>(file)), "coverage is missing",
                          "write coverage = { from = 1990-01-01, trusted_to = 2027-12-31, to = 2050-12-31 }");
            return {};
        }
        values_.only_keys(*table, {"from", "trusted_to", "to"});
        Coverage result;
        result.from = values_.required_date(*table, "from");
        result.to = values_.required_date(*table, "to");
        result.trusted_to = values_.date(*table, "trusted_to").value_or(result.to);
        if (result.to < result.from || result.to < result.trusted_to || result.trusted_to < result.from)
            values_.wrong(values_.spot(*node), "coverage is out of order", "write from <= trusted_to <= to");
        else if (result.to - result.from > coverage_max)
            values_.wrong(values_.spot(*node), "coverage is longer than 150 years",
                          "end it where the exchange's rules are known to end");
        return result;
    }

    WeekRule week(const toml::table& table) {
        values_.only_keys(table, {"from", "to", "days"});
        WeekRule rule;
        rule.spot = values_.spot(table);
        rule.from = values_.bound(table, "from");
        rule.to = values_.bound(table, "to");
        rule.days = values_.parsed(table, "days", Weekdays::parse).value_or(rule.days);
        return rule;
    }

    HoursRule hours(const toml::table& table) {
        values_.only_keys(table, {"from", "to", "days", "within", "open", "close", "breaks", "pre", "post",
                                  "post_after_early_close"});
        HoursRule rule;
        rule.spot = values_.spot(table);
        rule.from = values_.bound(table, "from");
        rule.to = values_.bound(table, "to");
        rule.days = values_.parsed(table, "days", Weekdays::parse).value_or(rule.days);
        rule.within = values_.parsed(table, "within", Season::parse);
        values_.required(table, "open", "\"09:30\"");
        values_.required(table, "close", "\"16:00\"");
        const HoursChange named = change(table);
        rule.hours = {named.open.value_or(Seconds{0}), named.close.value_or(whole_day),
                      named.breaks.value_or(std::vector<LocalSpan>{}), named.pre, named.post};
        rule.post_after_early_close = values_.parsed(table, "post_after_early_close", parse_day_time);
        const bool known = named.open && named.close;
        if (known) in_order(rule.hours, rule.spot);
        return rule;
    }

    void in_order(const LocalHours& hours, const Spot& spot) {
        if (hours.close <= hours.open)
            values_.wrong(spot,
                          fmt::format("the close {} is not after the open {}", day_time_text(hours.close),
                                      day_time_text(hours.open)),
                          "write \"18:00-1d\" for an open on the day before");
        if (hours.close - hours.open > whole_day) values_.wrong(spot, "the session is longer than 24 hours");
        if (hours.pre && *hours.pre > hours.open) values_.wrong(spot, "pre is after the open");
        if (hours.post && *hours.post < hours.close) values_.wrong(spot, "post is before the close");
        Seconds last = hours.open;
        for (const LocalSpan& span : hours.breaks) {
            if (span.from < last || span.to <= span.from || hours.close < span.to)
                values_.wrong(
                    spot,
                    fmt::format("the break {} to {} is empty, not inside the session, or not after the break before it",
                                day_time_text(span.from), day_time_text(span.to)));
            last = span.to;
        }
    }

    HoursChange change(const toml::table& table) {
        return {values_.parsed(table, "open", parse_day_time), values_.parsed(table, "close", parse_day_time),
                values_.parsed(table, "pre", parse_day_time), values_.parsed(table, "post", parse_day_time),
                values_.breaks(table)};
    }

    HolidayRule holiday(const toml::table& table) {
        values_.only_keys(table, {"name", "declared", "tentative", "on", "dates", "days", "observed", "in_lieu", "from",
                                  "to", "years", "except", "only", "within", "not_within"});
        HolidayRule rule{dates_by_rule(table),
                         values_.parsed(table, "in_lieu", InLieu::parse),
                         reason(table, values_.spot(table)),
                         {}};
        rule.listed_reason = announced(rule.reason);
        return rule;
    }

    SpecialHoursRule special_hours(const toml::table& table) {
        values_.only_keys(
            table, {"name", "declared", "tentative", "on", "dates", "days", "observed", "from", "to", "years", "except",
                    "only", "within", "not_within", "open", "close", "breaks", "pre", "post"});
        SpecialHoursRule rule{dates_by_rule(table), change(table), reason(table, values_.spot(table)), {}};
        rule.listed_reason = announced(rule.reason);
        if (rule.change.empty())
            values_.wrong(rule.reason.spot, "these special hours change nothing", "write open, close or breaks");
        return rule;
    }

    DoubtRule doubt(const toml::table& table) {
        values_.only_keys(table, {"name", "on", "dates", "days", "observed", "from", "to", "years", "except", "only",
                                  "within", "not_within"});
        if (!table.contains("on") && !table.contains("dates"))
            for (const char* key : {"days", "observed"})
                if (const toml::node* node = table.get(key))
                    values_.wrong(values_.spot(*node),
                                  fmt::format("{} applies to the dates of a rule, and there is none", key),
                                  "write on = \"...\" too, or remove it");
        return {some_dates(table), reason(table, values_.spot(table))};
    }

    DatesByRule dates_by_rule(const toml::table& table) {
        if (!table.contains("dates")) values_.required(table, "on", "\"3rd mon jan\"");
        return some_dates(table);
    }

    DatesByRule some_dates(const toml::table& table) {
        DatesByRule dates;
        dates.dates = values_.dates(table, "dates");
        dates.on = values_.parsed(table, "on", DayRule::parse);
        if (table.contains("dates") && !table.contains("on")) only_with_rule(table);
        dates.days = values_.count(table, "days", 1, 31).value_or(1);
        dates.observed = values_.parsed(table, "observed", ObservedShift::parse).value_or(dates.observed);
        dates.from = values_.bound(table, "from");
        dates.to = values_.bound(table, "to");
        dates.years = values_.years(table, "years");
        dates.except = values_.years(table, "except");
        dates.only = values_.parsed(table, "only", Weekdays::parse).value_or(dates.only);
        dates.within = values_.parsed(table, "within", Season::parse);
        dates.not_within = values_.parsed(table, "not_within", Season::parse);
        return dates;
    }

    // Listed dates are used unchanged; limits and shifts of a rule do not apply to them.
    void only_with_rule(const toml::table& table) {
        for (const char* key : {"tentative", "days", "observed", "in_lieu", "from", "to", "years", "except", "only",
                                "within", "not_within"})
            if (const toml::node* node = table.get(key))
                values_.wrong(values_.spot(*node),
                              fmt::format("{} applies to the dates of a rule, and there is none", key),
                              "write on = \"...\" in addition to dates, or remove it");
    }

    static Reason announced(Reason reason) {
        reason.tentative = false;
        return reason;
    }

    Reason reason(const toml::table& table, const Spot& spot) {
        return {values_.required_text(table, "name", "\"Good Friday\""), values_.flag(table, "unscheduled"),
                values_.date(table, "declared"), values_.flag(table, "tentative"), spot};
    }

    std::map<Date, SingleDay> single_days(const toml::table& file, std::string_view section, Change wanted) {
        std::map<Date, SingleDay> days;
        const toml::node* node = file.get(section);
        if (!node || std::find(apart_.begin(), apart_.end(), section) != apart_.end()) return days;
        const toml::table* table = node->as_table();
        if (!table) {
            values_.wrong(values_.spot(*node), fmt::format("{} is not a table", section),
                          fmt::format("write [{}]", section));
            return days;
        }
        for (const auto& [key, value] : *table) {
            const Spot spot = values_.spot(key.source().begin);
            const auto date = parse_date(key.str());
            if (!date) values_.wrong(spot, date.error().what, date.error().hint);
            else days.emplace(*date, single_day(value, spot, wanted));
        }
        return days;
    }

    SingleDay single_day(const toml::node& node, const Spot& spot, Change wanted) {
        SingleDay day;
        day.reason.spot = spot;
        if (const auto* name = node.as_string(); name && wanted != Change::needed) {
            day.reason.name = name->get();
            return day;
        }
        const toml::table* table = node.as_table();
        if (!table) {
            values_.wrong(
                spot, "this day is not described",
                wanted == Change::needed ? "write { name = \"Snow\", close = \"14:00\" }" : "write its name in quotes");
            return day;
        }
        if (wanted == Change::none) values_.only_keys(*table, {"name", "unscheduled", "declared", "tentative"});
        else
            values_.only_keys(
                *table, {"name", "unscheduled", "declared", "tentative", "open", "close", "breaks", "pre", "post"});
        day.reason = reason(*table, spot);
        day.change = wanted == Change::none ? HoursChange{} : change(*table);
        if (wanted == Change::needed && day.change.empty())
            values_.wrong(spot, "these special hours change nothing", "write open, close or breaks");
        return day;
    }

    const FindRules& find_;
    std::span<const std::string_view> apart_;
    CalendarValues values_;
};

}  // namespace

ResultAll<CalendarRules> read_calendar_rules(std::string_view text, const std::string& file, const FindRules& find) {
    const Result<toml::table> parsed = parse_toml(text, file);
    if (!parsed) return tl::unexpected(Errors{parsed.error()});
    return read_calendar_rules(*parsed, file, find);
}

ResultAll<CalendarRules> read_calendar_rules(const toml::table& table, const std::string& file, const FindRules& find,
                                             std::span<const std::string_view> apart) {
    Errors errors;
    CalendarRules rules = CalendarReader{file, find, apart, errors}.read(table);
    if (errors.empty()) return rules;
    std::sort(errors.begin(), errors.end(), [](const Error& a, const Error& b) {
        return std::tie(a.spot.line, a.spot.column) < std::tie(b.spot.line, b.spot.column);
    });
    return tl::unexpected(std::move(errors));
}

}  // namespace mc
