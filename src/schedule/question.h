// question.h — one yes/no question of `when`, parsed; how it is answered, and how the answer is told.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schedule/predicate.h"

namespace mc {

enum class QuestionKind {
    session,
    holiday,
    unscheduled,
    early_close,
    late_open,
    market_open,
    first_session,
    last_session,
    nth_session,
    before_holiday,
    after_holiday,
    monthly_expiry,
    quarterly_expiry,
    weekday,
    day,
    month,
    nth_weekday,
    date,
    year,
    every,
    always_true,
};

enum class Period { day, session, week, month, quarter, year };

// An inclusive range of weekdays (0 = Sunday), days of the month (negative: from its end), months, or years.
// Weekdays and months may run over their end: fri..mon.
struct NumberRange {
    int from = 0, to = 0;
};
struct DateRange {
    Date from, to;
};

struct Question {
    QuestionKind kind = QuestionKind::session;
    std::string text;              // as written, without blanks
    bool of_run = false;           // asked of the logical date
    std::string calendar;          // "" = the job's own
    Period period = Period::week;  // first_session, last_session, nth_session, every
    int nth = 0;                   // nth_session, nth_weekday; every: how many periods
    std::vector<NumberRange> numbers;
    std::vector<DateRange> dates;  // every: the one from which it counts
};

std::string_view question_name(QuestionKind kind);
// The names of all questions, in the order of SPEC 2.2.
std::vector<std::string> question_names();
// True for the questions that a calendar answers; the others ask the date alone.
bool asks_calendar(const Question& question);
std::string_view period_name(Period period);

// Error: calendar, unknown or beyond coverage; market_open without an instant is one, too.
Result<bool> answer(const Question& question, const Asked& asked, const CalendarSet& calendars, std::string_view own);
// The sentence for `why`, after answer() said `holds`.
Result<std::string> sentence(const Question& question, bool holds, const Asked& asked, const CalendarSet& calendars,
                             std::string_view own);

// A node of the tree: a question, or what joins its parts.
struct Predicate::Node {
    enum class Kind { question, negation, all_of, any_of } kind = Kind::question;
    Question question;
    std::vector<std::shared_ptr<const Node>> parts;
};

}  // namespace mc
