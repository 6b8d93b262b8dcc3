// calendar_overrides.h — what a person changes of a calendar at once: `marketcron calendar override`.
//
// One file for each calendar, STATE/calendars/NAME.toml, that extends the calendar of its name. Whoever
// reads the configuration reads them after all other calendars; so they also count for those that extend or
// join it. Each day says that it is unscheduled, when it was declared, and why.
#pragma once

#include <optional>
#include <string>

#include "config/plan.h"

namespace mc::app {

struct CalendarOverride {
    std::string calendar;  // its name, no alias
    Date date;
    enum class What { closed, open, close, clear } what = What::closed;
    std::optional<Seconds> time;  // of open, close: on the exchange's clocks, from the date's midnight
    std::string reason;
    Date declared;
};

// "closed", "open [HH:MM]", "close HH:MM", "clear". Error: usage, with what to write.
Result<CalendarOverride> parse_override(const std::string& calendar, Date date, const std::string& what,
                                        const std::string& time);

// "XNYS 2026-11-27 closes at 13:00"
std::string to_text(const CalendarOverride& override);
// The same, of what those calendars then say: a close inside a break is the break's beginning.
std::string to_text(const CalendarOverride& override, const CalendarSet& after);

// The files of that state directory; where it is closed to us, as its daemon on that socket has them. Error: some
// cannot be read, or nobody can say whether there are any.
Result<std::vector<CalendarSource>> read_overrides(const std::string& state, const std::string& socket);

// The context's calendars with those; what cannot be read is left out, and named in `problems`. Whether any are there.
bool add_overrides(ReadContext& context, const std::string& state, const std::string& socket, Errors& problems);

// The text of the calendar's file with that change, "" when nothing is left in it. `before`: its text, "" for none;
// `calendars`: without overrides. Error: refused; what comes out is no good session, or changes nothing.
Result<std::string> with_override(const std::string& before, const CalendarSet& calendars,
                                  const CalendarOverride& override);

// That calendar's file: its text, "" when there is none; and written, or taken away.
Result<std::string> read_override(const std::string& state, const std::string& calendar);
Result<void> write_override(const std::string& state, const std::string& calendar, const std::string& text);
CalendarSource override_source(const std::string& calendar, const std::string& text, const std::string& file);

}  // namespace mc::app
