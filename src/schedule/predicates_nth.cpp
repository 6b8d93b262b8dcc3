// predicates_nth.cpp — first_session, last_session, nth_session: the number of a session in its period.
#include <fmt/format.h>

#include <array>
#include <cstdlib>

#include "schedule/count_sessions.h"
#include "schedule/predicate_arguments.h"
#include "schedule/predicate_table.h"
#include "schedule/question_text.h"

namespace mc {
namespace {

using date::days;

constexpr std::array periods{Period::week, Period::month, Period::quarter, Period::year};
constexpr int most_sessions = 366;

Result<void> read_first(Question& question, std::span<const PlacedWord> arguments) {
    question.nth = 1;
    return read_period(question, arguments[0], periods);
}

Result<void> read_last(Question& question, std::span<const PlacedWord> arguments) {
    question.nth = -1;
    return read_period(question, arguments[0], periods);
}

Result<void> read_nth_of_period(Question& question, std::span<const PlacedWord> arguments) {
    if (auto nth = read_nth(question, arguments[0], most_sessions); !nth) return nth;
    return read_period(question, arguments[1], periods);
}

struct DateSpan {
    Date first, last;
};

DateSpan months_around(Date date, unsigned months_per_period) {
    const auto ymd = civil(date);
    const auto month = (static_cast<unsigned>(ymd.month()) - 1) / months_per_period * months_per_period + 1;
    const auto first = ymd.year() / date::month{month} / 1;
    return {Date{first}, Date{first + date::months{static_cast<int>(months_per_period)}} - days{1}};
}

DateSpan week_around(Date date, const Calendar& calendar) {
    const auto since_start = (weekday_of(date) + 7 - calendar.first_weekday(date)) % 7;
    const auto first = date - days{since_start};
    return {first, first + days{6}};
}

DateSpan period_around(Date date, Period period, const Calendar& calendar) {
    switch (period) {
        case Period::day:
        case Period::session:  // only for every(), which counts in its own way
        case Period::week: break;
        case Period::month: return months_around(date, 1);
        case Period::quarter: return months_around(date, 3);
        case Period::year: return months_around(date, 12);
    }
    return week_around(date, calendar);
}

// Whether it is the nth session of its period; n < 0 counts from the end.
Result<bool> is_nth(const Question& question, const Calendar& calendar, Date date) {
    const auto session = calendar.session(date);
    if (!session) return tl::unexpected(session.error());
    if (*session == nullptr) return false;
    const auto [first, last] = period_around(date, question.period, calendar);
    const int others = std::abs(question.nth) - 1;
    const auto count = question.nth > 0 ? count_sessions(calendar, first, date - days{1}, others + 1)
                                        : count_sessions(calendar, date + days{1}, last, others + 1);
    if (!count) return tl::unexpected(count.error());
    return *count == others;
}

std::string nth_text(const Question& question, bool holds, const Calendar& calendar, const DayFacts& facts) {
    if (facts.session == nullptr) return day_text(calendar, facts);
    return fmt::format("{} is {}the {} session of its {} on {}", to_string(facts.date), holds ? "" : "not ",
                       ordinal(question.nth), period_name(question.period), calendar.name());
}

constexpr PredicateRow rows[] = {
    {"first_session", {1, 1, read_first, "first_session(month)"}, AsksCalendar{is_nth, nth_text}},
    {"last_session", {1, 1, read_last, "last_session(month)"}, AsksCalendar{is_nth, nth_text}},
    {"nth_session", {2, 2, read_nth_of_period, "nth_session(-2, month)"}, AsksCalendar{is_nth, nth_text}},
};

}  // namespace

PredicateRows nth_predicates() { return rows; }

}  // namespace mc
