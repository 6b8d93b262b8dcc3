// predicates_date.cpp — predicates that depend only on the date: weekday, day, month, nth_weekday, date, year, true.
#include <fmt/format.h>

#include <algorithm>

#include "base/letters.h"
#include "base/suggest.h"
#include "schedule/cron_fields.h"
#include "schedule/predicate_arguments.h"
#include "schedule/predicate_table.h"
#include "schedule/question_text.h"

namespace mc {
namespace {

constexpr int first_year = 1970, last_year = 2199;
constexpr int most_weeks = 5;  // of a month, including partial ones

// What to write for a word that should be one of the names: "monday", or "mon-fri" as in crontabs.
std::string name_hint(std::string_view text, std::span<const std::string_view> names) {
    const auto dash = text.find('-');
    if (dash != std::string_view::npos) {
        const auto from = short_name(text.substr(0, dash), names), to = short_name(text.substr(dash + 1), names);
        if (!from.empty() && !to.empty()) return fmt::format("write {}..{}", from, to);
    }
    const auto meant = short_name(text, names);
    if (!meant.empty()) return fmt::format("write {}", meant);
    return did_you_mean(text, std::vector<std::string>(names.begin(), names.end()));
}

// The index of a name, from 0.
std::optional<int> number_of(std::string_view text, std::span<const std::string_view> names) {
    const auto found = std::find(names.begin(), names.end(), lower_case(text));
    if (found == names.end()) return std::nullopt;
    return static_cast<int>(found - names.begin());
}

Result<int> read_weekday(const PlacedWord& word) {
    if (const auto number = number_of(word.text, cron_weekdays)) return *number;
    return refuse_at(word.at, fmt::format("'{}' is not a weekday", word.text), name_hint(word.text, cron_weekdays));
}

Result<int> read_month(const PlacedWord& word) {
    if (const auto number = number_of(word.text, cron_months)) return *number + 1;
    const auto number = whole_number(word.text);
    if (number && *number >= 1 && *number <= 12) return *number;
    return refuse_at(word.at, fmt::format("'{}' is not a month", word.text), name_hint(word.text, cron_months));
}

Result<int> read_day(const PlacedWord& word) {
    const auto value = whole_number(word.text);
    if (value && *value != 0 && *value >= -31 && *value <= 31) return *value;
    return refuse_at(word.at, fmt::format("'{}' is not a day of a month", word.text),
                     "write 1 to 31, or -1 for the last");
}

Result<int> read_year(const PlacedWord& word) {
    const auto value = whole_number(word.text);
    if (value && *value >= first_year && *value <= last_year) return *value;
    return refuse_at(word.at, fmt::format("'{}' is not a year from {} to {}", word.text, first_year, last_year),
                     "write for example year(2026, 2028..2030)");
}

template <ReadNumber read_number, RangeKind kind>
Result<void> read_numbers(Question& question, std::span<const PlacedWord> arguments) {
    return read_ranges(question, arguments, read_number, kind);
}

Result<void> read_nth_weekday(Question& question, std::span<const PlacedWord> arguments) {
    if (auto nth = read_nth(question, arguments[0], most_weeks); !nth) return nth;
    const auto [text, at] = arguments[1];
    const auto dots = text.find("..");
    const auto weekday = read_weekday({text.substr(0, dots), at});
    if (!weekday) return tl::unexpected(weekday.error());
    if (dots != std::string_view::npos)
        return refuse_at(at, fmt::format("'{}' needs one weekday", question.row->name),
                         fmt::format("write {}", example_of(*question.row)));
    question.numbers.push_back({*weekday, *weekday});
    return {};
}

bool in_range(int value, const NumberRange& range) {
    if (range.from <= range.to) return range.from <= value && value <= range.to;
    return value >= range.from || value <= range.to;  // wraps around the end of the week or year
}

bool in_ranges(int value, const std::vector<NumberRange>& ranges) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [value](const NumberRange& range) { return in_range(value, range); });
}

struct DayOfMonth {
    explicit DayOfMonth(Date date) {
        const auto ymd = civil(date);
        day = static_cast<int>(static_cast<unsigned>(ymd.day()));
        last = static_cast<int>(static_cast<unsigned>((ymd.year() / ymd.month() / date::last).day()));
    }
    int day, last;
};

bool is_weekday(const Question& question, Date date) {
    return in_ranges(static_cast<int>(weekday_of(date)), question.numbers);
}

bool is_day(const Question& question, Date date) {
    const DayOfMonth of(date);
    const auto counted = [&of](int n) { return n < 0 ? of.last + 1 + n : n; };
    return std::any_of(question.numbers.begin(), question.numbers.end(), [&](const NumberRange& range) {
        return counted(range.from) <= of.day && of.day <= counted(range.to);
    });
}

bool is_month(const Question& question, Date date) {
    return in_ranges(static_cast<int>(static_cast<unsigned>(civil(date).month())), question.numbers);
}

bool is_nth_weekday(const Question& question, Date date) {
    if (static_cast<int>(weekday_of(date)) != question.numbers.front().from) return false;
    const DayOfMonth of(date);
    const int n = question.nth;
    return n > 0 ? (of.day - 1) / 7 == n - 1 : (of.last - of.day) / 7 == -n - 1;
}

bool is_date(const Question& question, Date date) {
    return std::any_of(question.dates.begin(), question.dates.end(),
                       [date](const DateRange& range) { return range.from <= date && date <= range.to; });
}

bool is_year(const Question& question, Date date) {
    return in_ranges(static_cast<int>(civil(date).year()), question.numbers);
}

bool is_true(const Question&, Date) { return true; }

std::string date_text(const Question& question, bool holds, Date date) {
    return fmt::format("{} is a {}, {}{}", to_string(date), weekday_text(date), holds ? "one of " : "not one of ",
                       question.text);
}

std::string true_text(const Question&, bool, Date) { return "true holds on every date"; }

constexpr PredicateRow rows[] = {
    {"weekday",
     {1, any_number, read_numbers<read_weekday, RangeKind::cyclic>, "weekday(mon, wed..fri)"},
     AsksDate{is_weekday, date_text}},
    {"day",
     {1, any_number, read_numbers<read_day, RangeKind::ascending>, "day(1, 15..20) or day(-1)"},
     AsksDate{is_day, date_text}},
    {"month",
     {1, any_number, read_numbers<read_month, RangeKind::cyclic>, "month(jan, mar..may)"},
     AsksDate{is_month, date_text}},
    {"nth_weekday", {2, 2, read_nth_weekday, "nth_weekday(3, fri)"}, AsksDate{is_nth_weekday, date_text}},
    {"date", {1, any_number, read_dates, "date(2026-12-24)"}, AsksDate{is_date, date_text}},
    {"year",
     {1, any_number, read_numbers<read_year, RangeKind::ascending>, "year(2026, 2028..2030)"},
     AsksDate{is_year, date_text}},
    {"true", no_arguments, AsksDate{is_true, true_text}},
};

}  // namespace

PredicateRows date_predicates() { return rows; }

}  // namespace mc
