// rules.h — the parsed rules of one calendar file, not yet computed into sessions.
//
// A file reads like an exchange's notice (docs/calendars.md shows all of it):
//
//   name, aliases, description, timezone, checked, sources, coverage
//   extends, without   another calendar, from which this one differs
//   [[week]]           the trading days of the week, from a date on
//   [[hours]]          regular open, close, breaks, pre, post, from a date on
//   [[holiday]]        a rule for closed days
//   [[special_hours]]  a rule for days with another open, close or breaks
//   [closed] [special_hours_on] [extra_sessions]   single dates that no rule gives
//
// A single date wins over a rule, and an extra session over both. Of several rules the first wins; of several weeks or
// hours the last that has begun. Immutable once read; a plain value. Times are seconds from the midnight of the
// session's date, in the exchange's time zone.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "calendar/calendar.h"
#include "calendar/day_rule.h"
#include "calendar/find_rules.h"

namespace mc {

// Why a day differs from others.
struct Reason {
    std::string name;              // "Good Friday"
    bool unscheduled = false;      // not in the published calendar
    std::optional<Date> declared;  // when it was announced, if known
    bool tentative = false;        // depends on a sighting or a future announcement
    Spot spot;                     // the place in the file
    bool apart = false;            // all calendars of a joint one trade, but their hours do not overlap: not a holiday
};

// A set of dates: a rule, limited to certain years, weekdays and parts of the year, and then shifted. In years with
// listed dates only those are used, unchanged.
struct DatesByRule {
    std::optional<DayRule> on;  // none: only the listed dates
    std::vector<Date> dates;    // listed, in order: past or announced dates
    int days = 1;               // the number of days from each date of the rule on
    ObservedShift observed;
    std::optional<Date> from, to;     // limits for the rule's date before it is shifted, both inclusive
    std::vector<int> years;           // only these; empty: all
    std::vector<int> except;          // not these years
    Weekdays only = Weekdays::all();  // limits the rule's date before it is shifted
    std::optional<Season> within, not_within;

    // Calls body(date, is_by_rule) for each day on which it is observed, for the dates that fall in that year before
    // they are shifted.
    template <class Body>
    void for_each_in(int year, Body body) const;
    // Whether a date in that year may be observed in the next year, or in the last `lead` days before the next year.
    bool reaches_next_year(int year, int lead = 0) const;
    // Whether a date in that year may be observed in the year before.
    bool reaches_year_before(int year) const;
    // Whether that is one of its dates. Without `on` and listed dates: whether from, to, only and the other limits
    // include it.
    bool gives(Date d) const;

   private:
    bool keeps_year(int year) const;
    bool keeps(Date d) const;
};

struct LocalSpan {
    Seconds from, to;
    bool operator==(const LocalSpan&) const = default;
};

// The hours of a session in the exchange's local time.
struct LocalHours {
    Seconds open{0}, close{0};
    std::vector<LocalSpan> breaks;
    std::optional<Seconds> pre, post;
    bool operator==(const LocalHours&) const = default;
};

// Differences from the regular hours; absent values stay. Breaks that are outside the session with the new open or
// close are dropped.
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
    std::optional<InLieu> in_lieu;  // for rules that give another day for it
    Reason reason;
    Reason listed_reason;  // for the listed dates: not tentative
};

struct SpecialHoursRule {
    DatesByRule dates;
    HoursChange change;
    Reason reason;
    Reason listed_reason;
};

// What is unknown or disputed about some dates. It changes no session.
struct DoubtRule {
    DatesByRule dates;  // with neither `on` nor listed dates: all dates within the limits
    Reason reason;      // its name is the doubt
};

// A single date: closed, with special hours, or a session outside the week.
struct SingleDay {
    HoursChange change;  // empty for a closed day
    Reason reason;
};

struct CalendarRules {
    CalendarName name;
    std::string description, timezone;
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
    std::vector<DoubtRule> doubts;

    const WeekRule& week_rule(Date d) const;  // the row of weeks that applies
    bool week_has(Date d) const { return week_rule(d).days.has(d); }
    // The row of hours that applies: one that names the weekday, if there is one.
    const HoursRule& hours_rule(Date d) const;
    LocalHours regular_hours(Date d) const { return hours_rule(d).hours; }
    // The regular hours with the change; `breaks` outside are dropped, `post` moves with an early close.
    LocalHours changed_hours(Date d, const HoursChange& change) const;
    // The doubts about a date, separated by "; "; "" if there are none.
    std::string doubt(Date d) const;
};

// Reads a calendar file. Errors: config, all at once, each with its place; only errors of the text itself.
// calendar/check.h also checks the computed sessions.
ResultAll<CalendarRules> read_calendar_rules(std::string_view text, const std::string& file,
                                             const FindRules& find = no_rules_to_extend);

// A change of one day, made by the configuration or by `calendar override`.
struct DayChange {
    Date date;
    bool closed = false;  // else a session, even if holidays or the week say otherwise ...
    HoursChange hours;    // ... with these hours
    Reason reason;
};

// The same calendar with some days changed; a later change of the same date wins.
CalendarRules with_changes(CalendarRules rules, const std::vector<DayChange>& changes);

// See calendar.h.
CalendarRules as_known_on(CalendarRules rules, Date day);

template <class Body>
void DatesByRule::for_each_in(int year, Body body) const {
    bool listed = false;
    const Date last = make_date(year, 12, 31);
    for (auto d = std::lower_bound(dates.begin(), dates.end(), make_date(year, 1, 1)); d != dates.end() && *d <= last;
         ++d) {
        listed = true;
        body(*d, false);
    }
    if (listed || !on || !keeps_year(year)) return;
    for (const Date d : on->in(year)) {
        if (!keeps(d)) continue;
        const Date first = observed.observed(d);
        for (int day = 0; day < days; ++day) body(first + date::days{day}, true);
    }
}

}  // namespace mc
