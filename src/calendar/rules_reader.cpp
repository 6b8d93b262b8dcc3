// The reader of calendar files: TOML in, CalendarRules or all errors out.
#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <tuple>
#include <utility>

#include "base/suggest.h"
#include "base/toml.h"
#include "calendar/head.h"
#include "calendar/rules.h"
#include "calendar/rules_table.h"

namespace mc {
namespace {

constexpr Seconds whole_day = std::chrono::hours{24};
constexpr date::days coverage_max{150 * 366};

// Reads values of known kinds and gathers what is wrong with them. A value that is missing or wrong
// is nullopt; wrong ones are in `errors` by then.
class Values {
   public:
    Values(std::string file, Errors& errors) : file_(std::move(file)), errors_(errors) {}

    Spot spot(const toml::source_position& at) const { return Spot{file_, at.line, at.column}; }
    Spot spot(const toml::node& node) const { return spot(node.source().begin); }

    void wrong(Spot where, std::string what, std::string hint = {}) {
        errors_.push_back({Error::Kind::config, std::move(what), std::move(hint), std::move(where)});
    }

    void only_keys(const toml::table& table, std::initializer_list<std::string_view> known,
                   std::span<const std::string_view> apart = {}) {
        const std::vector<std::string> words(known.begin(), known.end());
        for (const auto& [key, node] : table) {
            if (std::find(apart.begin(), apart.end(), key.str()) != apart.end()) continue;
            const bool is_known = std::find(words.begin(), words.end(), key.str()) != words.end();
            if (!is_known)
                wrong(spot(key.source().begin), fmt::format("unknown key \"{}\"", key.str()),
                      did_you_mean(key.str(), words));
        }
    }

    std::optional<std::string> text(const toml::table& table, std::string_view key) {
        const toml::node* node = table.get(key);
        if (!node) return std::nullopt;
        if (const auto* string = node->as_string()) return string->get();
        wrong(spot(*node), fmt::format("{} is not text", key), "write it in quotes");
        return std::nullopt;
    }

    void required(const toml::table& table, std::string_view key, std::string_view example) {
        if (!table.contains(key))
            wrong(spot(table), fmt::format("{} is missing", key), fmt::format("write {} = {}", key, example));
    }

    std::string required_text(const toml::table& table, std::string_view key, std::string_view example) {
        required(table, key, example);
        return text(table, key).value_or("");
    }

    void check_word(const Spot& at, std::string_view word, CalendarWordKind kind) {
        if (auto error = wrong_calendar_word(word, kind)) wrong(at, std::move(error->what), std::move(error->hint));
    }

    // A text that `parse` understands: a rule, a time, weekdays.
    template <class T>
    std::optional<T> parsed(const toml::table& table, std::string_view key, Result<T> (*parse)(std::string_view)) {
        const auto words = text(table, key);
        if (!words) return std::nullopt;
        return understood(*table.get(key), parse(*words));
    }

    template <class T>
    std::optional<T> understood(const toml::node& node, Result<T> result) {
        if (result) return std::move(*result);
        wrong(spot(node), result.error().what, result.error().hint);
        return std::nullopt;
    }

    std::optional<Date> date(const toml::node& node, std::string_view key) {
        if (const auto* value = node.as_date()) {
            const toml::date& d = value->get();
            return make_date(d.year, d.month, d.day);
        }
        wrong(spot(node), fmt::format("{} is not a date", key), "write it without quotes: 2026-11-27");
        return std::nullopt;
    }

    std::optional<Date> date(const toml::table& table, std::string_view key) {
        const toml::node* node = table.get(key);
        return node ? date(*node, key) : std::nullopt;
    }

    Date required_date(const toml::table& table, std::string_view key) {
        if (!table.contains(key))
            wrong(spot(table), fmt::format("{} is missing", key), fmt::format("write {} = 2026-11-27", key));
        return date(table, key).value_or(Date{});
    }

    // A date, or a year: its first day for "from", its last for "to".
    std::optional<Date> bound(const toml::table& table, std::string_view key) {
        const toml::node* node = table.get(key);
        if (!node) return std::nullopt;
        if (const auto year = node->value_exact<std::int64_t>(); year && is_year(*year)) {
            const int number = static_cast<int>(*year);
            return key == "to" ? make_date(number, 12, 31) : make_date(number, 1, 1);
        }
        return date(*node, key);
    }

    bool flag(const toml::table& table, std::string_view key) {
        const toml::node* node = table.get(key);
        if (!node) return false;
        if (const auto value = node->value_exact<bool>()) return *value;
        wrong(spot(*node), fmt::format("{} is neither true nor false", key));
        return false;
    }

    template <class Body>
    void for_each_text(const toml::table& table, std::string_view key, Body body) {
        for_each_in(table, key, [&](const toml::node& node) {
            if (const auto* string = node.as_string()) body(string->get(), spot(node));
            else wrong(spot(node), fmt::format("{} holds something that is not text", key));
        });
    }

    std::vector<std::string> texts(const toml::table& table, std::string_view key) {
        std::vector<std::string> result;
        for_each_text(table, key, [&](const std::string& text, const Spot&) { result.push_back(text); });
        return result;
    }

    std::vector<int> years(const toml::table& table, std::string_view key) {
        std::vector<int> result;
        for_each_in(table, key, [&](const toml::node& node) {
            const auto year = node.value_exact<std::int64_t>();
            if (year && is_year(*year)) result.push_back(static_cast<int>(*year));
            else wrong(spot(node), fmt::format("{} holds something that is no year", key), "write [2020, 2021]");
        });
        return result;
    }

    // In order, each once.
    std::vector<Date> dates(const toml::table& table, std::string_view key) {
        std::vector<Date> result;
        for_each_in(table, key, [&](const toml::node& node) {
            const auto d = date(node, key);
            if (!d) return;
            const auto place = std::lower_bound(result.begin(), result.end(), *d);
            if (place != result.end() && *place == *d)
                return wrong(spot(node), fmt::format("{} stands twice", to_string(*d)), "keep one of them");
            result.insert(place, *d);
        });
        if (table.contains(key) && table.get(key)->is_array() && table.get(key)->as_array()->empty())
            wrong(spot(*table.get(key)), fmt::format("{} is empty", key), "write [2026-03-20, 2027-03-10]");
        return result;
    }

    std::optional<int> count(const toml::table& table, std::string_view key, int least, int most) {
        const toml::node* node = table.get(key);
        if (!node) return std::nullopt;
        const auto value = node->value_exact<std::int64_t>();
        if (value && least <= *value && *value <= most) return static_cast<int>(*value);
        wrong(spot(*node), fmt::format("{} is no number from {} to {}", key, least, most),
              fmt::format("write {} = 3", key));
        return std::nullopt;
    }

    std::optional<std::vector<LocalSpan>> breaks(const toml::table& table) {
        if (!table.contains("breaks")) return std::nullopt;
        std::vector<LocalSpan> result;
        for_each_in(table, "breaks", [&](const toml::node& node) {
            const toml::array* pair = node.as_array();
            const auto from = pair && pair->size() == 2 ? (*pair)[0].value_exact<std::string>() : std::nullopt;
            const auto to = pair && pair->size() == 2 ? (*pair)[1].value_exact<std::string>() : std::nullopt;
            if (!from || !to) return wrong(spot(node), "this is no break", "write [\"11:30\", \"12:30\"]");
            const auto start = understood(node, parse_day_time(*from));
            const auto end = understood(node, parse_day_time(*to));
            if (start && end) result.push_back({*start, *end});
        });
        return result;
    }

    // The tables of [[key]], in the file's order.
    template <class Body>
    void for_each_table(const toml::table& table, std::string_view key, Body body) {
        for_each_in(
            table, key,
            [&](const toml::node& node) {
                if (const toml::table* entry = node.as_table()) return body(*entry);
                wrong(spot(node), fmt::format("{} is not a table", key), fmt::format("write [[{}]]", key));
            },
            fmt::format("write [[{}]]", key));
    }

   private:
    static bool is_year(std::int64_t year) { return 1800 <= year && year <= 2200; }

    template <class Body>
    void for_each_in(const toml::table& table, std::string_view key, Body body, std::string hint = "write [ ... ]") {
        const toml::node* node = table.get(key);
        if (!node) return;
        const toml::array* list = node->as_array();
        if (!list) return wrong(spot(*node), fmt::format("{} is not a list", key), std::move(hint));
        for (const toml::node& item : *list) body(item);
    }

    std::string file_;
    Errors& errors_;
};

// The sections of a calendar file, one function each.
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
        rules.name = values_.required_text(file, "name", "\"XNYS\"");
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
            values_.wrong(values_.spot(*file.get("without")), "without leaves out rules of a calendar that is extended",
                          "write extends = \"XETR\" too");
        rows(file, rules);
        days(file, rules);
        return rules;
    }

   private:
    enum class Change { none, allowed, needed };

    // The calendar that the file extends, without what it leaves out.
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

    // Weeks and hours come after those extended, because the last wins; holidays and special hours
    // before, because the first wins.
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

    // A single date takes the place of any that is extended.
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
                values_.wrong(spot, fmt::format("the break {} to {} is not inside the session, after the one before it",
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
                                  fmt::format("{} is about the dates of a rule, and there is none", key),
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

    // Listed dates stand as they are; what would keep or move a rule's dates says nothing of them.
    void only_with_rule(const toml::table& table) {
        for (const char* key : {"tentative", "days", "observed", "in_lieu", "from", "to", "years", "except", "only",
                                "within", "not_within"})
            if (const toml::node* node = table.get(key))
                values_.wrong(values_.spot(*node),
                              fmt::format("{} is about the dates of a rule, and there is none", key),
                              "write on = \"...\" beside dates, or take it out");
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
    Values values_;
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
