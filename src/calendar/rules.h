// rules.h — one calendar file, read: what an exchange's notices say, not yet worked out into sessions.
//
// A file reads like a notice (docs/calendars.md shows all of it):
//
//   name, aliases, description, timezone, checked, sources, coverage
//   extends, without   another calendar, from which this one differs
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

// Why a day is not like others.
struct Reason {
    std::string name;              // "Good Friday"
    bool unscheduled = false;      // not in the published calendar
    std::optional<Date> declared;  // when it was announced, where known
    bool tentative = false;        // depends on a sighting or an announcement to come
    Spot spot;                     // where the file says so
    bool apart = false;            // all calendars of a joint one trade, without common hours: not a holiday
};

// Some dates: a rule, kept to certain years, weekdays and parts of the year, then shifted; in years
// that have listed dates, those alone, as they stand.
struct DatesByRule {
    std::optional<DayRule> on;  // none: only the listed ones
    std::vector<Date> dates;    // listed, in order: what was, or is announced
    int days = 1;               // so many days from each date of the rule on
    ObservedShift observed;
    std::optional<Date> from, to;     // of the rule's date before it is shifted, both inclusive
    std::vector<int> years;           // only these; empty: all
    std::vector<int> except;          // not these years
    Weekdays only = Weekdays::all();  // of the rule's date before it is shifted
    std::optional<Season> within, not_within;

    // Calls body(date, is_by_rule) for each day on which it is observed, of the dates that fall in that
    // year before they are shifted.
    template <class Body>
    void for_each_in(int year, Body body) const;
    // Whether what falls in that year may be observed in the next one, or less than `lead` days before
    // it; and in the one before.
    bool reaches_next_year(int year, int lead = 0) const;
    bool reaches_year_before(int year) const;
    // Whether that is one of its dates; without `on` and listed dates, whether from, to, only and the
    // others keep it.
    bool gives(Date d) const;

   private:
    bool keeps_year(int year) const;
    bool keeps(Date d) const;
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
    std::optional<InLieu> in_lieu;  // when the rule gives another day for it
    Reason reason;
    Reason listed_reason;  // of the listed dates: not tentative
};

struct SpecialHoursRule {
    DatesByRule dates;
    HoursChange change;
    Reason reason;
    Reason listed_reason;
};

// What is not known of some dates, or in dispute. It changes no session.
struct DoubtRule {
    DatesByRule dates;  // with neither `on` nor listed dates: all that it keeps
    Reason reason;      // its name is the doubt
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
    std::vector<DoubtRule> doubts;

    const WeekRule& week_rule(Date d) const;  // the row of weeks in force
    bool week_has(Date d) const { return week_rule(d).days.has(d); }
    // The row of hours in force: of those that name its weekday if any does.
    const HoursRule& hours_rule(Date d) const;
    LocalHours regular_hours(Date d) const { return hours_rule(d).hours; }
    // The regular hours so changed; `breaks` outside are dropped, `post` follows an early close.
    LocalHours changed_hours(Date d, const HoursChange& change) const;
    // What is doubtful about a date, "; " between several; "" where nothing is.
    std::string doubt(Date d) const;
};

// Reads a calendar file. Errors: config, all at once, each with its place; only what can be seen in
// the text itself: calendar/check.h also looks at the sessions that come out.
ResultAll<CalendarRules> read_calendar_rules(std::string_view text, const std::string& file,
                                             const FindRules& find = no_rules_to_extend);

// A change to one day, as a user's file or `calendar override` makes it.
struct DayChange {
    Date date;
    bool closed = false;  // else a session, also where holidays or the week say otherwise ...
    HoursChange hours;    // ... with these hours
    Reason reason;
};

// The same calendar with some days changed; later changes of a date win.
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
