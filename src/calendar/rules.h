// rules.h — one calendar file, read: what an exchange's notices say, not yet worked out into sessions.
//
// A file reads like a notice (docs/calendars.md shows all of it):
//
//   name, aliases, description, timezone, checked, sources, coverage
//   [[week]]           the days on which it trades, from a date on
//   [[hours]]          regular open, close, breaks, pre, post, from a date on
//   [[holiday]]        a rule for days on which it is closed
//   [[special_hours]]  a rule for days with another open, close or breaks
//   [closed] [special_hours_on] [extra_sessions]   single dates, for what no rule gives
//
// A single date wins over a rule, an extra session over both; of two rules the first wins, of two
// weeks or hours the last that has begun. Immutable once read; a plain value.
// Times are seconds from midnight of the session's date, by the exchange's clocks.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "calendar/calendar.h"
#include "calendar/day_rule.h"

namespace mc {

// Why a day is not like others.
struct Reason {
    std::string name;              // "Good Friday"
    bool unscheduled = false;      // not in the published calendar
    std::optional<Date> declared;  // when it was announced, where known
    bool tentative = false;        // depends on a sighting or an announcement to come
    Spot spot;                     // where the file says so
};

// Some dates: a rule, kept to certain years, weekdays and parts of the year, then shifted.
struct DatesByRule {
    DayRule on;
    ObservedShift observed;
    std::optional<Date> from, to;     // of the date before it is shifted, both inclusive
    std::vector<int> years;           // only these; empty: all
    std::vector<int> except;          // not these years
    Weekdays only = Weekdays::all();  // of the date before it is shifted
    std::optional<Season> within, not_within;

    // The date on which it is observed, of the one that falls in that year before it is shifted.
    std::optional<Date> in(int year) const;
};

struct LocalSpan {
    Seconds from, to;
    bool operator==(const LocalSpan&) const = default;
};

// The hours of a session on the exchange's clocks.
struct LocalHours {
    Seconds open{0}, close{0};
    std::vector<LocalSpan> breaks;
    std::optional<Seconds> pre, post;
    bool operator==(const LocalHours&) const = default;
};

// What differs from the regular hours; what is not named stays. Breaks that the new open or close
// leaves outside the session fall away by themselves.
struct HoursChange {
    std::optional<Seconds> open, close, pre, post;
    std::optional<std::vector<LocalSpan>> breaks;
    bool empty() const { return !open && !close && !pre && !post && !breaks; }
};

struct WeekRule {
    std::optional<Date> from, to;
    Weekdays days = Weekdays::monday_to_friday();
    Spot spot;
};

struct HoursRule {
    std::optional<Date> from, to;
    Weekdays days = Weekdays::all();
    std::optional<Season> within;
    LocalHours hours;
    std::optional<Seconds> post_after_early_close;
    Spot spot;
};

struct HolidayRule {
    DatesByRule dates;
    Reason reason;
};

struct SpecialHoursRule {
    DatesByRule dates;
    HoursChange change;
    Reason reason;
};

// A single date: closed, with special hours, or a session that no week has.
struct SingleDay {
    HoursChange change;  // empty for a closed day
    Reason reason;
};

struct CalendarRules {
    std::string name, description, timezone;
    Spot timezone_spot;
    std::vector<std::string> aliases;
    Date checked;                      // when it was last compared with its sources
    std::vector<std::string> sources;  // exchange notices, libraries
    Coverage coverage;
    std::vector<WeekRule> weeks;   // never empty
    std::vector<HoursRule> hours;  // never empty
    std::vector<HolidayRule> holidays;
    std::vector<SpecialHoursRule> special_hours;
    std::map<Date, SingleDay> closed, special_hours_on, extra_sessions;

    const WeekRule& week_rule(Date d) const;  // the row of weeks in force
    bool week_has(Date d) const { return week_rule(d).days.has(d); }
    // The row of hours in force: of those that name its weekday if any does.
    const HoursRule& hours_rule(Date d) const;
    LocalHours regular_hours(Date d) const { return hours_rule(d).hours; }
    // The regular hours so changed; `breaks` outside are dropped, `post` follows an early close.
    LocalHours changed_hours(Date d, const HoursChange& change) const;
};

// Reads a calendar file. Errors: config, all at once, each with its place; only what can be seen in
// the text itself: calendar/check.h also looks at the sessions that come out.
ResultAll<CalendarRules> read_calendar_rules(std::string_view text, const std::string& file);

// A change to one day, as a user's file or `calendar override` makes it.
struct DayChange {
    Date date;
    bool closed = false;  // else a session, also where holidays or the week say otherwise ...
    HoursChange hours;    // ... with these hours
    Reason reason;
};

// The same calendar with some days changed; later changes of a date win.
CalendarRules with_changes(CalendarRules rules, const std::vector<DayChange>& changes);

}  // namespace mc
