// predicate.h — `when`: yes/no questions about a date, asked of calendars.
//
// Grammar: or < and < not < parentheses < questions; a question may name a calendar (`XLON.session`)
// or ask of the logical date (`run.session`, `run.XLON.session`).
// Every answer keeps its parts, so that `why` can tell which question said no.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/calendar_set.h"

namespace mc {

// What is asked about.
struct Asked {
    Date date;  // the schedule's own date
    Date logical_date;
    std::optional<Instant> fire;  // for market_open; absent: market_open is an error
};

// One question's answer, for `why`: "XNYS.session" holds or not, and a sentence that says why.
struct Answer {
    std::string check;  // the question as written; "not weekday(wed)" under an odd number of nots, with `holds` for it
    bool holds = false;
    std::string text;  // "2026-11-26 is no session of XNYS: Thanksgiving Day"
};

class Predicate {
   public:
    struct Node;
    // Error: config without a place; `column` in the spot counts from the text's start.
    static Result<Predicate> parse(std::string_view text);

    const std::string& text() const { return text_; }
    // Names of the calendars it mentions (not the job's own).
    std::vector<std::string> calendars() const;
    // True if some question needs a calendar and none is named (the job must have one).
    bool needs_calendar() const;
    // True if some question is of the fire's instant (market_open): then a date alone may not decide.
    bool asks_instant() const;
    // True if some question is of the logical date (`run.`).
    bool asks_run() const;

    // `own` is the job's calendar, or "". Error: calendar, beyond coverage or unknown; not where the
    // known answers decide alone (`weekday(sat) and session` is false on any Monday).
    Result<bool> holds(const Asked& asked, const CalendarSet& calendars, std::string_view own) const;
    // For one that is false: it stays so, whatever the other questions say, before the instant returned, which
    // is after `asked.fire`, or is it where nothing is known. Night and weekend are passed over by it.
    Instant false_until(const Asked& asked, const CalendarSet& calendars, std::string_view own) const;
    // The same as holds() with every question's answer, in the order written.
    Result<std::vector<Answer>> explain(const Asked& asked, const CalendarSet& calendars, std::string_view own) const;

   private:
    std::string text_;
    std::shared_ptr<const Node> root_;
};

}  // namespace mc
