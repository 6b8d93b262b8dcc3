// calendar.h — the trading sessions of one exchange or market.
//
// Says for every date that it covers whether it is a session, and when the session opens and closes. Outside coverage
// every question is an Error of kind calendar that names the coverage, never a guess.
//
// Units    Date is the exchange's local date (the label of the session). open, close and breaks are
//          Instants; trading hours are half open: open <= t < close; so are breaks.
// Memory   sessions are computed one year at a time when first needed, and kept. Results do not depend
//          on that, and pointers to Sessions are valid as long as the Calendar. One thread.
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
#include "calendar/calendar_name.h"

namespace mc {

struct Span {
    Instant from, to;  // half open
    bool operator==(const Span&) const = default;
};

struct Session {
    Date date;
    Instant open, close;
    bool early_close = false;          // closes earlier than the regular close of its date
    bool late_open = false;            // opens later than the regular open of its date
    std::vector<Span> breaks;          // in order; usually none or one
    std::optional<Instant> pre, post;  // start of pre-market, end of post-market, if known
    bool is_open(Instant t) const;     // inside the hours and not in a break
};

// All facts about one date, for `calendar show`.
struct DayFacts {
    Date date;
    const Session* session = nullptr;  // null: closed
    bool week_has_it = false;          // a trading day of its week (the week mask of that time)
    std::string reason;                // the name of the holiday or special hours; "" for a plain day
    bool unscheduled = false;          // not in the published calendar: a storm, a funeral
    std::optional<Date> declared;      // when it was announced, if known
    bool tentative = false;            // depends on a sighting or a future announcement
    std::string doubt;                 // what is unknown or disputed about the date; "" if nothing
    bool apart = false;                // all calendars of a joint one trade, but their hours do not overlap
    // Closed on a trading day of its week.
    bool is_holiday() const { return session == nullptr && week_has_it && !apart; }
};

struct Coverage {
    Date from, to;    // both inclusive; outside, every question is an error
    Date trusted_to;  // checked against published calendars up to this date; afterwards only by rule
    bool holds(Date d) const { return from <= d && d <= to; }
};

struct CalendarRules;  // the parsed file (calendar/rules.h)
class DaySource;       // the source of the days (calendar/day_source.h)
struct JointCalendar;  // other calendars, joined (calendar/joint.h)

class Calendar {
   public:
    // Takes the rules; computes nothing until needed.
    Calendar(std::shared_ptr<const CalendarRules> rules, ZonePtr zone);
    explicit Calendar(JointCalendar joint);
    Calendar(std::unique_ptr<DaySource> days, ZonePtr zone);  // without rules
    ~Calendar();
    Calendar(Calendar&&) noexcept;

    const CalendarName& name() const;
    const std::string& description() const;
    const std::vector<std::string>& aliases() const;
    const ZonePtr& zone() const;
    Coverage coverage() const;
    // For a calendar that extends this one; null for a joint calendar.
    const std::shared_ptr<const CalendarRules>& rules() const;

    // The session of that date; null if it is not a session.
    Result<const Session*> session(Date d) const;
    // The nearest session strictly after (n > 0: the nth) or before (n < 0) the date; n = 0 is session(d). Error if it
    // is beyond coverage. Null only for n = 0.
    Result<const Session*> nth_from(Date d, int n) const;
    // The first session on or after the date.
    Result<const Session*> on_or_after(Date d) const;
    // The session with open <= t < close, else the next one to open ("trading_session").
    Result<const Session*> trading_session(Instant t) const;
    // The first session, in order of dates, with open > t.
    Result<const Session*> next_open(Instant t) const;
    // Whether the instant is inside trading hours and not in a break.
    Result<bool> is_open(Instant t) const;
    // The maximum number of days between a session and the nth after it, n >= 1, in all of coverage; the length of
    // coverage if it has fewer sessions. Computed once for each n.
    date::days longest_span(int n) const;

    // Whether the date is a trading day of its week, holiday or not. Works outside coverage.
    bool week_has(Date d) const;
    // 0..6, Sunday = 0: the weekday on which the trading week begins (the day after its weekend).
    unsigned first_weekday(Date d) const;
    // The regular local open and close of a date as instants, whether it is a session or not. Works outside coverage,
    // and is used there.
    Session regular(Date d) const;
    Result<DayFacts> facts(Date d) const;

   private:
    struct Memo;
    std::unique_ptr<Memo> memo_;
};

using CalendarPtr = std::shared_ptr<const Calendar>;

// The calendar as it was known on that day: without changes declared later. An unscheduled change whose declaration
// date is unknown counts as declared on its own date. Null for a joint calendar.
CalendarPtr as_known_on(const Calendar& calendar, Date day);

}  // namespace mc
