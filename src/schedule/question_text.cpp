// question_text.cpp — the sentences of `why`: the fact that made a question's answer.
#include <fmt/format.h>

#include <array>

#include "schedule/question.h"

namespace mc {
namespace {

constexpr std::array<std::string_view, 7> weekdays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};

std::string because(const DayFacts& facts) { return facts.reason.empty() ? "" : ": " + facts.reason; }

// "2026-11-26 is no session of XNYS: Thanksgiving Day"
std::string day_text(const Calendar& calendar, const DayFacts& facts) {
    const auto day = to_string(facts.date);
    const auto& name = calendar.name();
    if (facts.session != nullptr) return fmt::format("{} is a session of {}", day, name);
    if (!facts.week_has_it && !facts.apart)
        return fmt::format("{} is no session of {}: its week does not have {}", day, name,
                           weekdays[weekday_of(facts.date)]);
    return fmt::format("{} is no session of {}{}", day, name, because(facts));
}

std::string closure_text(const Calendar& calendar, const DayFacts& facts, bool only_unscheduled) {
    const auto day = to_string(facts.date);
    if (facts.session != nullptr) return fmt::format("{} is open on {}", calendar.name(), day);
    if (!facts.is_holiday()) return day_text(calendar, facts);
    if (facts.unscheduled)
        return fmt::format("{} is closed on {}, unscheduled{}", calendar.name(), day, because(facts));
    return fmt::format("{} is closed on {}{}{}", calendar.name(), day, only_unscheduled ? ", as planned" : "",
                       because(facts));
}

std::string clock(Instant at, const Calendar& calendar) { return date::format("%H:%M", calendar.zone()->to_wall(at)); }

std::string hours_text(const Calendar& calendar, const DayFacts& facts, QuestionKind kind) {
    if (facts.session == nullptr) return day_text(calendar, facts);
    const bool of_close = kind == QuestionKind::early_close;
    const bool moved = of_close ? facts.session->early_close : facts.session->late_open;
    const auto at = clock(of_close ? facts.session->close : facts.session->open, calendar);
    return fmt::format(
        "{} {} {} on {}, {}{}", calendar.name(), of_close ? "closes" : "opens", at, to_string(facts.date),
        moved ? (of_close ? "earlier than regular" : "later than regular") : "as regular", moved ? because(facts) : "");
}

// "XNYS is closed at 2026-11-27T14:00:00-05:00: it closed 13:00, an early close"
std::string market_text(const Calendar& calendar, const DayFacts& facts, bool holds, Instant at) {
    std::string text =
        fmt::format("{} is {} at {}", calendar.name(), holds ? "open" : "closed", local_text(at, *calendar.zone()));
    if (holds) return text;
    const Session* session = facts.session;
    if (session == nullptr) return fmt::format("{}: {}", text, day_text(calendar, facts));
    if (at >= session->close)
        return fmt::format("{}: it closed {}{}", text, clock(session->close, calendar),
                           session->early_close ? ", an early close" : "");
    if (at < session->open)
        return fmt::format("{}: it opens {}{}", text, clock(session->open, calendar),
                           session->late_open ? ", a late open" : "");
    return text + ", in a break";
}

std::string ordinal(int n) {
    if (n == 1) return "first";
    if (n == -1) return "last";
    const int size = n < 0 ? -n : n;
    const int tens = size % 100 / 10;
    const char* const suffix = tens == 1        ? "th"
                               : size % 10 == 1 ? "st"
                               : size % 10 == 2 ? "nd"
                               : size % 10 == 3 ? "rd"
                                                : "th";
    return fmt::format("{}{}{}", size, suffix, n < 0 ? " to last" : "");
}

std::string nth_text(const Question& question, bool holds, const Calendar& calendar, const DayFacts& facts) {
    if (facts.session == nullptr) return day_text(calendar, facts);
    int n = question.nth;
    if (question.kind == QuestionKind::first_session) n = 1;
    if (question.kind == QuestionKind::last_session) n = -1;
    return fmt::format("{} is {}the {} session of its {} on {}", to_string(facts.date), holds ? "" : "not ", ordinal(n),
                       period_name(question.period), calendar.name());
}

std::string beside_text(const Question& question, bool holds, const Calendar& calendar, const DayFacts& facts) {
    if (facts.session == nullptr) return day_text(calendar, facts);
    const bool before = question.kind == QuestionKind::before_holiday;
    return fmt::format("{} planned holiday of {} lies between {} and the session {} it", holds ? "a" : "no",
                       calendar.name(), to_string(facts.date), before ? "after" : "before");
}

std::string expiry_text(const Question& question, bool holds, const Calendar& calendar, const DayFacts& facts) {
    const auto ymd = civil(facts.date);
    const Date third_friday{ymd.year() / ymd.month() / date::Friday[3]};
    return fmt::format("{} is {}the {} expiry of {}; the third Friday is {}", to_string(facts.date),
                       holds ? "" : "not ", question.kind == QuestionKind::monthly_expiry ? "monthly" : "quarterly",
                       calendar.name(), to_string(third_friday));
}

std::string date_text(const Question& question, bool holds, Date d) {
    return fmt::format("{} is a {}, {}{}", to_string(d), weekdays[weekday_of(d)], holds ? "one of " : "not of ",
                       question.text);
}

// "2026-01-13 is not in a week that counts: each 2nd from 2026-01-05 on"
std::string every_text(const Question& question, bool holds, Date d) {
    const Date from = question.dates.front().from;
    const auto day = to_string(d);
    if (d < from) return fmt::format("{} is before {}, from which {} counts", day, to_string(from), question.text);
    return fmt::format("{} is {}in a {} that counts: each {}one from {} on", day, holds ? "" : "not ",
                       period_name(question.period), question.nth == 1 ? "" : ordinal(question.nth) + " ",
                       to_string(from));
}

std::string plain_text(const Question& question, bool holds, Date d) {
    if (question.kind == QuestionKind::always_true) return "true holds on every date";
    return question.kind == QuestionKind::every ? every_text(question, holds, d) : date_text(question, holds, d);
}

std::string calendar_text(const Question& question, bool holds, const Asked& asked, const Calendar& calendar,
                          const DayFacts& facts) {
    switch (question.kind) {
        case QuestionKind::session: return day_text(calendar, facts);
        case QuestionKind::holiday: return closure_text(calendar, facts, false);
        case QuestionKind::unscheduled: return closure_text(calendar, facts, true);
        case QuestionKind::early_close:
        case QuestionKind::late_open: return hours_text(calendar, facts, question.kind);
        case QuestionKind::market_open: return market_text(calendar, facts, holds, *asked.fire);
        case QuestionKind::first_session:
        case QuestionKind::last_session:
        case QuestionKind::nth_session: return nth_text(question, holds, calendar, facts);
        case QuestionKind::before_holiday:
        case QuestionKind::after_holiday: return beside_text(question, holds, calendar, facts);
        case QuestionKind::monthly_expiry:
        case QuestionKind::quarterly_expiry: return expiry_text(question, holds, calendar, facts);
        case QuestionKind::weekday:
        case QuestionKind::day:
        case QuestionKind::month:
        case QuestionKind::nth_weekday:
        case QuestionKind::date:
        case QuestionKind::year:
        case QuestionKind::always_true: break;
        case QuestionKind::every:
            return facts.session == nullptr ? day_text(calendar, facts) : every_text(question, holds, facts.date);
    }
    return date_text(question, holds, facts.date);
}

}  // namespace

Result<std::string> sentence(const Question& question, bool holds, const Asked& asked, const CalendarSet& calendars,
                             std::string_view own) {
    const auto d = question.of_run ? asked.logical_date : asked.date;
    if (!asks_calendar(question)) return plain_text(question, holds, d);
    const auto calendar = calendars.find(question.calendar.empty() ? own : std::string_view{question.calendar});
    if (!calendar) return tl::unexpected(calendar.error());
    const auto facts = (*calendar)->facts(d);
    if (!facts) return tl::unexpected(facts.error());
    return calendar_text(question, holds, asked, **calendar, *facts);
}

}  // namespace mc
