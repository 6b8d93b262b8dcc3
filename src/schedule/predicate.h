// predicate.h — `when`: a condition on a date, made of predicates that may use calendars.
//
// Grammar: or < and < not < parentheses < questions, in increasing priority; a question is one predicate. It may name a
// calendar (`XLON.session`) or use the logical date (`run.session`, `run.XLON.session`). Every answer keeps its parts,
// so that `why` can show which question was false.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/calendar_set.h"

namespace mc {

// The facts that a predicate is evaluated for.
struct Asked {
    Date date;  // the schedule's date
    Date logical_date;
    std::optional<Instant> fire;  // for market_open; absent: market_open is an error
};

// The answer of one question, for `why`: "XNYS.session" is true or false, and a sentence with the reason.
struct Answer {
    // The question as written. Inside an odd number of nots it is "not weekday(wed)", and `holds` includes the not.
    std::string check;
    bool holds = false;
    std::string text;  // "2026-11-26 is not a session of XNYS: Thanksgiving Day"
};

class Predicate {
   public:
    struct Node;
    // Error: config without a file; the column in its spot counts from the start of the text.
    static Result<Predicate> parse(std::string_view text);

    const std::string& text() const { return text_; }
    // The names of the calendars in the text (not the job's own).
    std::vector<CalendarName> calendars() const;
    // Whether some question needs a calendar and names none, so that the job must have one.
    bool needs_calendar() const;
    // Whether some question uses the fire's instant (market_open), so that the date may not be enough.
    bool asks_instant() const;
    // Whether some question uses the logical date (`run.`).
    bool asks_run() const;

    // `own` is the job's calendar, or "". Error: calendar, beyond coverage or unknown; no error if the known answers
    // are enough (`weekday(sat) and session` is false on every Monday).
    Result<bool> holds(const Asked& asked, const CalendarSet& calendars, const CalendarName& own) const;
    // For a predicate that is false: an instant after `asked.fire` before which it stays false, whatever the other
    // questions give; `asked.fire` if nothing is known. Used to skip nights and weekends.
    Instant false_until(const Asked& asked, const CalendarSet& calendars, const CalendarName& own) const;
    // As holds(), with the answer of every question, in the order written.
    Result<std::vector<Answer>> explain(const Asked& asked, const CalendarSet& calendars,
                                        const CalendarName& own) const;

   private:
    std::string text_;
    std::shared_ptr<const Node> root_;
};

}  // namespace mc
