// predicates_every.cpp — every: each nth day, week, month or session, counted from a date.
#include <fmt/format.h>

#include <array>
#include <climits>

#include "schedule/count_sessions.h"
#include "schedule/predicate_arguments.h"
#include "schedule/predicate_table.h"
#include "schedule/question_text.h"

namespace mc {
namespace {

constexpr std::array counted_periods{Period::day, Period::week, Period::month, Period::session};
constexpr int most_periods = 1000;

// A month is a calendar month; a week is seven days, counted from the date.
bool is_every(const Question& question, Date date) {
    const Date from = question.dates.front().from;
    if (date < from) return false;
    const auto passed = (date - from).count();
    if (question.period == Period::day) return passed % question.nth == 0;
    if (question.period == Period::week) return passed / 7 % question.nth == 0;
    const auto first = civil(from), here = civil(date);
    return ((here.year() / here.month()) - (first.year() / first.month())).count() % question.nth == 0;
}

// "2026-01-13 is not in a counted week: every 2nd one from 2026-01-05 on"
std::string every_text(const Question& question, bool holds, Date date) {
    const Date from = question.dates.front().from;
    const auto day = to_string(date);
    if (date < from) return fmt::format("{} is before {}, the start of {}", day, to_string(from), question.text);
    return fmt::format("{} is {}in a counted {}: every {}one from {} on", day, holds ? "" : "not ",
                       period_name(question.period), question.nth == 1 ? "" : ordinal(question.nth) + " ",
                       to_string(from));
}

// The first session on or after the date counts, and each nth session after it.
Result<bool> is_every_session(const Question& question, const Calendar& calendar, Date date) {
    const Date from = question.dates.front().from;
    const auto session = calendar.session(date);
    if (!session) return tl::unexpected(session.error());
    if (*session == nullptr || date < from) return false;
    const auto before = count_sessions(calendar, from, date - date::days{1}, INT_MAX);
    if (!before) return tl::unexpected(before.error());
    return *before % question.nth == 0;
}

std::string every_session_text(const Question& question, bool holds, const Calendar& calendar, const DayFacts& facts) {
    return facts.session == nullptr ? day_text(calendar, facts) : every_text(question, holds, facts.date);
}

// "2, week, 2026-01-05"
Result<void> read_every(Question& question, std::span<const PlacedWord> arguments) {
    const auto nth = whole_number(arguments[0].text);
    if (!nth || *nth < 1 || *nth > most_periods)
        return refuse_at(arguments[0].at, fmt::format("'{}' is not a number of periods", arguments[0].text),
                         fmt::format("write 1 to {}", most_periods));
    question.nth = *nth;
    if (auto period = read_period(question, arguments[1], counted_periods); !period) return period;
    if (question.period == Period::session) question.asks = AsksCalendar{is_every_session, every_session_text};
    const auto from = parse_date(arguments[2].text);
    if (!from)
        return refuse_at(arguments[2].at, fmt::format("'{}' is not a date", arguments[2].text),
                         "write the date to count from, for example every(2, week, 2026-01-05)");
    question.dates.push_back({*from, *from});
    return {};
}

constexpr PredicateRow rows[] = {
    {"every", {3, 3, read_every, "every(2, week, 2026-01-05)"}, AsksDate{is_every, every_text}},
};

}  // namespace

PredicateRows every_predicates() { return rows; }

}  // namespace mc
