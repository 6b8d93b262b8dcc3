// question.h — one predicate of `when` with its arguments, parsed; its answer, and the sentence for `why`.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "schedule/predicate.h"
#include "schedule/predicate_row.h"

namespace mc {

enum class Period { day, session, week, month, quarter, year };

// An inclusive range of weekdays (0 = Sunday), days of the month (negative: from its end), months, or years. Weekdays
// and months may wrap around: fri..mon.
struct NumberRange {
    int from = 0, to = 0;
};
struct DateRange {
    Date from, to;
};

struct Question {
    const PredicateRow* row = nullptr;
    Asks asks;                     // its row's, unless the arguments replace them
    std::string text;              // as written, without blanks
    bool of_run = false;           // evaluated for the logical date
    CalendarName calendar;         // "" = the job's own
    Period period = Period::week;  // first_session, last_session, nth_session, every
    int nth = 0;                   // nth_session, nth_weekday; every: the number of periods
    std::vector<NumberRange> numbers;
    std::vector<DateRange> dates;  // every: the date from which it counts
};

// Whether a calendar answers the question; else it depends only on the date.
inline bool asks_calendar(const Question& question) { return !std::holds_alternative<AsksDate>(question.asks); }
inline bool asks_instant(const Question& question) { return std::holds_alternative<AsksInstant>(question.asks); }
std::string_view period_name(Period period);

// Error: calendar, unknown or beyond coverage; also market_open without an instant.
Result<bool> answer(const Question& question, const Asked& asked, const CalendarSet& calendars,
                    const CalendarName& own);
// The sentence for `why`, after answer() said `holds`.
Result<std::string> sentence(const Question& question, bool holds, const Asked& asked, const CalendarSet& calendars,
                             const CalendarName& own);
// After answer() returned false: an instant before which it stays false; `asked.fire` if nothing more is known.
Instant false_until(const Question& question, const Asked& asked, const CalendarSet& calendars,
                    const CalendarName& own);

// A node of the tree: a question, or an operator with its parts.
struct Predicate::Node {
    enum class Kind { question, negation, all_of, any_of } kind = Kind::question;
    Question question;
    std::vector<std::shared_ptr<const Node>> parts;
};

}  // namespace mc
