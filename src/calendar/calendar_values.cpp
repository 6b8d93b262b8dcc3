#include "calendar/calendar_values.h"

#include <algorithm>

#include "base/suggest.h"

namespace mc {

void CalendarValues::wrong(Spot where, std::string what, std::string hint) {
    errors_.push_back({Error::Kind::config, std::move(what), std::move(hint), std::move(where)});
}

void CalendarValues::only_keys(const toml::table& table, std::initializer_list<std::string_view> known,
                               std::span<const std::string_view> apart) {
    const std::vector<std::string> words(known.begin(), known.end());
    for (const auto& [key, node] : table) {
        if (std::find(apart.begin(), apart.end(), key.str()) != apart.end()) continue;
        const bool is_known = std::find(words.begin(), words.end(), key.str()) != words.end();
        if (!is_known)
            wrong(spot(key.source().begin), fmt::format("unknown key \"{}\"", key.str()),
                  did_you_mean(key.str(), words));
    }
}

std::optional<std::string> CalendarValues::text(const toml::table& table, std::string_view key) {
    const toml::node* node = table.get(key);
    if (!node) return std::nullopt;
    if (const auto* string = node->as_string()) return string->get();
    wrong(spot(*node), fmt::format("{} is not text", key), "write it in quotes");
    return std::nullopt;
}

void CalendarValues::required(const toml::table& table, std::string_view key, std::string_view example) {
    if (!table.contains(key))
        wrong(spot(table), fmt::format("{} is missing", key), fmt::format("write {} = {}", key, example));
}

std::string CalendarValues::required_text(const toml::table& table, std::string_view key, std::string_view example) {
    required(table, key, example);
    return text(table, key).value_or("");
}

void CalendarValues::check_word(const Spot& at, std::string_view word, CalendarWordKind kind) {
    if (auto error = wrong_calendar_word(word, kind)) wrong(at, std::move(error->what), std::move(error->hint));
}

std::optional<Date> CalendarValues::date(const toml::node& node, std::string_view key) {
    if (const auto* value = node.as_date()) {
        const toml::date& d = value->get();
        return make_date(d.year, d.month, d.day);
    }
    wrong(spot(node), fmt::format("{} is not a date", key), "write it without quotes: 2026-11-27");
    return std::nullopt;
}

std::optional<Date> CalendarValues::date(const toml::table& table, std::string_view key) {
    const toml::node* node = table.get(key);
    return node ? date(*node, key) : std::nullopt;
}

Date CalendarValues::required_date(const toml::table& table, std::string_view key) {
    if (!table.contains(key))
        wrong(spot(table), fmt::format("{} is missing", key), fmt::format("write {} = 2026-11-27", key));
    return date(table, key).value_or(Date{});
}

std::optional<Date> CalendarValues::bound(const toml::table& table, std::string_view key) {
    const toml::node* node = table.get(key);
    if (!node) return std::nullopt;
    if (const auto year = node->value_exact<std::int64_t>(); year && is_year(*year)) {
        const int number = static_cast<int>(*year);
        return key == "to" ? make_date(number, 12, 31) : make_date(number, 1, 1);
    }
    return date(*node, key);
}

bool CalendarValues::flag(const toml::table& table, std::string_view key) {
    const toml::node* node = table.get(key);
    if (!node) return false;
    if (const auto value = node->value_exact<bool>()) return *value;
    wrong(spot(*node), fmt::format("{} is neither true nor false", key));
    return false;
}

std::vector<std::string> CalendarValues::texts(const toml::table& table, std::string_view key) {
    std::vector<std::string> result;
    for_each_text(table, key, [&](const std::string& text, const Spot&) { result.push_back(text); });
    return result;
}

std::vector<int> CalendarValues::years(const toml::table& table, std::string_view key) {
    std::vector<int> result;
    for_each_in(table, key, [&](const toml::node& node) {
        const auto year = node.value_exact<std::int64_t>();
        if (year && is_year(*year)) result.push_back(static_cast<int>(*year));
        else wrong(spot(node), fmt::format("{} contains something that is not a year", key), "write [2020, 2021]");
    });
    return result;
}

std::vector<Date> CalendarValues::dates(const toml::table& table, std::string_view key) {
    std::vector<Date> result;
    for_each_in(table, key, [&](const toml::node& node) {
        const auto d = date(node, key);
        if (!d) return;
        const auto place = std::lower_bound(result.begin(), result.end(), *d);
        if (place != result.end() && *place == *d)
            return wrong(spot(node), fmt::format("{} is listed twice", to_string(*d)), "keep one of them");
        result.insert(place, *d);
    });
    if (table.contains(key) && table.get(key)->is_array() && table.get(key)->as_array()->empty())
        wrong(spot(*table.get(key)), fmt::format("{} is empty", key), "write [2026-03-20, 2027-03-10]");
    return result;
}

std::optional<int> CalendarValues::count(const toml::table& table, std::string_view key, int least, int most) {
    const toml::node* node = table.get(key);
    if (!node) return std::nullopt;
    const auto value = node->value_exact<std::int64_t>();
    if (value && least <= *value && *value <= most) return static_cast<int>(*value);
    wrong(spot(*node), fmt::format("{} is not a number from {} to {}", key, least, most),
          fmt::format("write {} = 3", key));
    return std::nullopt;
}

std::optional<std::vector<LocalSpan>> CalendarValues::breaks(const toml::table& table) {
    if (!table.contains("breaks")) return std::nullopt;
    std::vector<LocalSpan> result;
    for_each_in(table, "breaks", [&](const toml::node& node) {
        const toml::array* pair = node.as_array();
        const auto from = pair && pair->size() == 2 ? (*pair)[0].value_exact<std::string>() : std::nullopt;
        const auto to = pair && pair->size() == 2 ? (*pair)[1].value_exact<std::string>() : std::nullopt;
        if (!from || !to) return wrong(spot(node), "this is not a break", "write [\"11:30\", \"12:30\"]");
        const auto start = understood(node, parse_day_time(*from));
        const auto end = understood(node, parse_day_time(*to));
        if (start && end) result.push_back({*start, *end});
    });
    return result;
}

}  // namespace mc
