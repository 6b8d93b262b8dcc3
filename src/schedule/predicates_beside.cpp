// predicates_beside.cpp — before_holiday, after_holiday: whether a planned holiday is next to the session.
#include <fmt/format.h>

#include "schedule/predicate_table.h"
#include "schedule/question_text.h"

namespace mc {
namespace {

// Whether a planned holiday is between the session and its neighbour in that direction.
Result<bool> is_beside(const Calendar& calendar, Date date, date::days direction) {
    const auto session = calendar.session(date);
    if (!session) return tl::unexpected(session.error());
    if (*session == nullptr) return false;
    for (auto day = date + direction;; day += direction) {
        const auto facts = calendar.facts(day);
        if (!facts) return tl::unexpected(facts.error());
        if (facts->session != nullptr) return false;
        if (facts->is_holiday() && !facts->unscheduled) return true;
    }
}

std::string beside_text(bool holds, const Calendar& calendar, const DayFacts& facts, std::string_view side) {
    if (facts.session == nullptr) return day_text(calendar, facts);
    return fmt::format("{} planned holiday of {} is between {} and the session {} it", holds ? "a" : "no",
                       calendar.name(), to_string(facts.date), side);
}

Result<bool> is_before_holiday(const Question&, const Calendar& calendar, Date date) {
    return is_beside(calendar, date, date::days{1});
}

std::string before_holiday_text(const Question&, bool holds, const Calendar& calendar, const DayFacts& facts) {
    return beside_text(holds, calendar, facts, "after");
}

Result<bool> is_after_holiday(const Question&, const Calendar& calendar, Date date) {
    return is_beside(calendar, date, date::days{-1});
}

std::string after_holiday_text(const Question&, bool holds, const Calendar& calendar, const DayFacts& facts) {
    return beside_text(holds, calendar, facts, "before");
}

constexpr PredicateRow rows[] = {
    {"before_holiday", no_arguments, AsksCalendar{is_before_holiday, before_holiday_text}},
    {"after_holiday", no_arguments, AsksCalendar{is_after_holiday, after_holiday_text}},
};

}  // namespace

PredicateRows beside_predicates() { return rows; }

}  // namespace mc
