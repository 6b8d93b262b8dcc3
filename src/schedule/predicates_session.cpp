// predicates_session.cpp — session, holiday, unscheduled: whether the market is open on that date, and if not, whether
// the closure was planned.
#include <fmt/format.h>

#include "schedule/predicate_table.h"
#include "schedule/question_text.h"

namespace mc {
namespace {

Result<bool> is_session(const Question&, const Calendar& calendar, Date date) {
    const auto session = calendar.session(date);
    if (!session) return tl::unexpected(session.error());
    return *session != nullptr;
}

Result<bool> is_holiday(const Question&, const Calendar& calendar, Date date) {
    const auto facts = calendar.facts(date);
    if (!facts) return tl::unexpected(facts.error());
    return facts->is_holiday();
}

Result<bool> is_unscheduled(const Question&, const Calendar& calendar, Date date) {
    const auto facts = calendar.facts(date);
    if (!facts) return tl::unexpected(facts.error());
    return facts->is_holiday() && facts->unscheduled;
}

std::string session_text(const Question&, bool, const Calendar& calendar, const DayFacts& facts) {
    return day_text(calendar, facts);
}

// `planned` is the text for a planned holiday.
std::string closure_text(const Calendar& calendar, const DayFacts& facts, std::string_view planned) {
    const auto day = to_string(facts.date);
    if (facts.session != nullptr) return fmt::format("{} is open on {}", calendar.name(), day);
    if (!facts.is_holiday()) return day_text(calendar, facts);
    return fmt::format("{} is closed on {}{}{}", calendar.name(), day, facts.unscheduled ? ", unscheduled" : planned,
                       because(facts));
}

std::string holiday_text(const Question&, bool, const Calendar& calendar, const DayFacts& facts) {
    return closure_text(calendar, facts, "");
}

std::string unscheduled_text(const Question&, bool, const Calendar& calendar, const DayFacts& facts) {
    return closure_text(calendar, facts, ", as planned");
}

constexpr PredicateRow rows[] = {
    {"session", no_arguments, AsksCalendar{is_session, session_text}},
    {"holiday", no_arguments, AsksCalendar{is_holiday, holiday_text}},
    {"unscheduled", no_arguments, AsksCalendar{is_unscheduled, unscheduled_text}},
};

}  // namespace

PredicateRows session_predicates() { return rows; }

}  // namespace mc
