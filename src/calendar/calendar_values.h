// calendar_values.h — reads typed values from the tables of a calendar file, and reports errors.
//
// A missing or wrong value is nullopt, or empty; for a wrong one an error with its place was added.
#pragma once

#include <fmt/format.h>

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/toml.h"
#include "calendar/head.h"
#include "calendar/rules.h"

namespace mc {

class CalendarValues {
   public:
    CalendarValues(std::string file, Errors& errors) : file_(std::move(file)), errors_(errors) {}

    Spot spot(const toml::source_position& at) const { return Spot{file_, at.line, at.column}; }
    Spot spot(const toml::node& node) const { return spot(node.source().begin); }
    void wrong(Spot where, std::string what, std::string hint = {});
    // Reports every other key, except those in `apart`.
    void only_keys(const toml::table& table, std::initializer_list<std::string_view> known,
                   std::span<const std::string_view> apart = {});
    std::optional<std::string> text(const toml::table& table, std::string_view key);
    void required(const toml::table& table, std::string_view key, std::string_view example);
    std::string required_text(const toml::table& table, std::string_view key, std::string_view example);
    void check_word(const Spot& at, std::string_view word, CalendarWordKind kind);

    // Reads a text with `parse`: a rule, a time, weekdays.
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

    std::optional<Date> date(const toml::node& node, std::string_view key);
    std::optional<Date> date(const toml::table& table, std::string_view key);
    Date required_date(const toml::table& table, std::string_view key);
    // A date, or a year: its first day for "from", its last day for "to".
    std::optional<Date> bound(const toml::table& table, std::string_view key);
    bool flag(const toml::table& table, std::string_view key);

    template <class Body>
    void for_each_text(const toml::table& table, std::string_view key, Body body) {
        for_each_in(table, key, [&](const toml::node& node) {
            if (const auto* string = node.as_string()) body(string->get(), spot(node));
            else wrong(spot(node), fmt::format("{} contains something that is not text", key));
        });
    }

    std::vector<std::string> texts(const toml::table& table, std::string_view key);
    std::vector<int> years(const toml::table& table, std::string_view key);
    // Sorted, without duplicates.
    std::vector<Date> dates(const toml::table& table, std::string_view key);
    std::optional<int> count(const toml::table& table, std::string_view key, int least, int most);
    std::optional<std::vector<LocalSpan>> breaks(const toml::table& table);

    // The tables of [[key]], in the order of the file.
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

}  // namespace mc
