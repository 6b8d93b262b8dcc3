// question.h — one yes/no question of `when`, parsed; how it is answered, and how the answer is told.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "schedule/predicate.h"
#include "schedule/predicate_row.h"

namespace mc {

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
    const PredicateRow* row = nullptr;
    Asks asks;                     // its row's, but where the arguments decide
    std::string text;              // as written, without blanks
    bool of_run = false;           // asked of the logical date
    std::string calendar;          // "" = the job's own
    Period period = Period::week;  // first_session, last_session, nth_session, every
    int nth = 0;                   // nth_session, nth_weekday; every: how many periods
    std::vector<NumberRange> numbers;
    std::vector<DateRange> dates;  // every: the one from which it counts
};

// True for the questions that a calendar answers; the others ask the date alone.
inline bool asks_calendar(const Question& question) { return !std::holds_alternative<AsksDate>(question.asks); }
inline bool asks_instant(const Question& question) { return std::holds_alternative<AsksInstant>(question.asks); }
std::string_view period_name(Period period);

// Error: calendar, unknown or beyond coverage; market_open without an instant is one, too.
Result<bool> answer(const Question& question, const Asked& asked, const CalendarSet& calendars, std::string_view own);
// The sentence for `why`, after answer() said `holds`.
Result<std::string> sentence(const Question& question, bool holds, const Asked& asked, const CalendarSet& calendars,
                             std::string_view own);
// After answer() said no: it stays so before the instant returned, which is `asked.fire` where no more is known.
Instant false_until(const Question& question, const Asked& asked, const CalendarSet& calendars, std::string_view own);

// A node of the tree: a question, or what joins its parts.
struct Predicate::Node {
    enum class Kind { question, negation, all_of, any_of } kind = Kind::question;
    Question question;
    std::vector<std::shared_ptr<const Node>> parts;
};

}  // namespace mc
