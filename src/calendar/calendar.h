// calendar.h — the trading sessions of one exchange or market.
//
// Answers "is this date a session, when does it open and close" for every date it covers;
// beyond coverage every question is an Error of kind calendar that names the coverage, never a guess.
//
// Units    Date is the exchange's local date (the session's label). open, close and breaks are
//          Instants; trading hours are half open: open <= t < close, breaks likewise.
// Memory   sessions are worked out a year at a time when first asked for, and kept: answers never
//          depend on that, pointers to Sessions stay valid as long as the Calendar. One thread.
// Source   calendars/*.toml, whose heads name the exchange's notices and the date of the last check.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/zone.h"

namespace mc {

struct Span {
    Instant from, to;  // half open
    bool operator==(const Span&) const = default;
};

struct Session {
    Date date;
    Instant open, close;
    bool early_close = false;          // closes earlier than regular for its date
    bool late_open = false;            // opens later than regular for its date
    std::vector<Span> breaks;          // in order; usually none or one
    std::optional<Instant> pre, post;  // start of pre-market, end of post-market, where known
    bool is_open(Instant t) const;     // inside hours and in no break
};

// What the calendar knows of one date, for people: `calendar show`.
struct DayFacts {
    Date date;
    const Session* session = nullptr;  // null: closed
    bool week_has_it = false;          // its week has it open (the week mask of that time)
    std::string reason;                // the holiday's or the special hour's name; "" on a plain day
    bool unscheduled = false;          // not in the published calendar: a storm, a funeral
    std::optional<Date> declared;      // when it was announced, where known
    bool tentative = false;            // depends on a sighting or an announcement to come
    std::string doubt;                 // what is not known of the date, or in dispute; "" where nothing is
    bool apart = false;                // all calendars of a joint one trade, without common hours
    // Closed on a day on which its week has it open.
    bool is_holiday() const { return session == nullptr && week_has_it && !apart; }
};

struct Coverage {
    Date from, to;    // both inclusive; outside every question is an error
    Date trusted_to;  // up to here checked against published calendars; after it by rule only
    bool holds(Date d) const { return from <= d && d <= to; }
};

struct CalendarRules;  // the parsed file (calendar/rules.h)
class DaySource;       // whose days they are (calendar/day_source.h)
struct JointCalendar;  // others, taken together (calendar/joint.h)

class Calendar {
   public:
    // Takes the rules; does no work until asked.
    Calendar(std::shared_ptr<const CalendarRules> rules, ZonePtr zone);
    explicit Calendar(JointCalendar joint);
    Calendar(std::unique_ptr<DaySource> days, ZonePtr zone);  // without rules
    ~Calendar();
    Calendar(Calendar&&) noexcept;

    const std::string& name() const;
    const std::string& description() const;
    const std::vector<std::string>& aliases() const;
    const ZonePtr& zone() const;
    Coverage coverage() const;
    // What a calendar of one's own extends; null for a joint one.
    const std::shared_ptr<const CalendarRules>& rules() const;

    // The session of that date; null when it is none.
    Result<const Session*> session(Date d) const;
    // The nearest session strictly after (n > 0: the nth) or before (n < 0) the date; n = 0 is
    // session(d). Error when that lies beyond coverage. Null only for n = 0.
    Result<const Session*> nth_from(Date d, int n) const;
    // The first session on or after the date.
    Result<const Session*> on_or_after(Date d) const;
    // The session whose open <= t < close, else the next to open ("trading_session").
    Result<const Session*> trading_session(Instant t) const;
    // The first session, in order of dates, with open > t.
    Result<const Session*> next_open(Instant t) const;
    // Inside trading hours and in no break.
    Result<bool> is_open(Instant t) const;
    // The most days that lie between a session and the nth after it, n >= 1, anywhere in coverage; all of coverage where
    // there are not so many. Worked out once for each n.
    date::days longest_span(int n) const;

    // True when that date's week has it open, holiday or not. Needs no coverage.
    bool week_has(Date d) const;
    // 0..6, Sunday = 0: the weekday on which its trading week begins (the day after its weekend).
    unsigned first_weekday(Date d) const;
    // The regular local open and close for a date as instants, whether it is a session or not; used
    // where coverage has ended. Needs no coverage.
    Session regular(Date d) const;
    Result<DayFacts> facts(Date d) const;

   private:
    struct Memo;
    std::unique_ptr<Memo> memo_;
};

using CalendarPtr = std::shared_ptr<const Calendar>;

// What was known on that day: the same calendar without what was declared later. What is unscheduled, and
// of which nobody knows when it was declared, counts as declared on its own day. Null for a joint one.
CalendarPtr as_known_on(const Calendar& calendar, Date day);

}  // namespace mc
