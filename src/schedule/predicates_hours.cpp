// predicates_hours.cpp — early_close, late_open, market_open: the hours of the session on that date.
#include <fmt/format.h>

#include "schedule/predicate_table.h"
#include "schedule/question_text.h"

namespace mc {
namespace {

std::string clock(Instant at, const Calendar& calendar) { return date::format("%H:%M", calendar.zone()->to_wall(at)); }

Result<bool> is_early_close(const Question&, const Calendar& calendar, Date date) {
    const auto session = calendar.session(date);
    if (!session) return tl::unexpected(session.error());
    return *session != nullptr && (*session)->early_close;
}

std::string early_close_text(const Question&, bool holds, const Calendar& calendar, const DayFacts& facts) {
    if (facts.session == nullptr) return day_text(calendar, facts);
    return fmt::format("{} closes at {} on {}, {}{}", calendar.name(), clock(facts.session->close, calendar),
                       to_string(facts.date), holds ? "earlier than the regular close" : "the regular close",
                       holds ? because(facts) : "");
}

Result<bool> is_late_open(const Question&, const Calendar& calendar, Date date) {
    const auto session = calendar.session(date);
    if (!session) return tl::unexpected(session.error());
    return *session != nullptr && (*session)->late_open;
}

std::string late_open_text(const Question&, bool holds, const Calendar& calendar, const DayFacts& facts) {
    if (facts.session == nullptr) return day_text(calendar, facts);
    return fmt::format("{} opens at {} on {}, {}{}", calendar.name(), clock(facts.session->open, calendar),
                       to_string(facts.date), holds ? "later than the regular open" : "the regular open",
                       holds ? because(facts) : "");
}

Result<bool> is_market_open(const Question&, const Calendar& calendar, Instant at) { return calendar.is_open(at); }

// "XNYS is closed at 2026-11-27T14:00:00-05:00: it closed at 13:00, an early close"
std::string market_open_text(const Question&, bool holds, const Calendar& calendar, const DayFacts& facts, Instant at) {
    std::string text =
        fmt::format("{} is {} at {}", calendar.name(), holds ? "open" : "closed", local_text(at, *calendar.zone()));
    if (holds) return text;
    const Session* session = facts.session;
    if (session == nullptr) return fmt::format("{}: {}", text, day_text(calendar, facts));
    if (at >= session->close)
        return fmt::format("{}: it closed at {}{}", text, clock(session->close, calendar),
                           session->early_close ? ", an early close" : "");
    if (at < session->open)
        return fmt::format("{}: it opens at {}{}", text, clock(session->open, calendar),
                           session->late_open ? ", a late open" : "");
    return text + ", in a break";
}

// Outside trading hours the market stays closed until the next open. A break is short and not examined.
Instant closed_until(const Calendar& calendar, Instant at) {
    const auto next = calendar.next_open(at);
    if (!next || *next == nullptr) return at;
    const auto last = calendar.nth_from((*next)->date, -1);
    const bool over = last && *last != nullptr && (*last)->close <= at;
    return over ? (*next)->open : at;
}

constexpr PredicateRow rows[] = {
    {"early_close", no_arguments, AsksCalendar{is_early_close, early_close_text}},
    {"late_open", no_arguments, AsksCalendar{is_late_open, late_open_text}},
    {"market_open", no_arguments, AsksInstant{is_market_open, market_open_text, closed_until}},
};

}  // namespace

PredicateRows hours_predicates() { return rows; }

}  // namespace mc
