// calendar_overrides.h — an operator's changes to single days of a calendar: `marketcron calendar override`.
//
// Each changed calendar has a file, STATE/calendars/NAME.toml, which extends the calendar of that name. These files are
// read after all other calendars, so that a change also applies to calendars that extend or join the changed one. Each
// day in them is marked as unscheduled, with the date on which it was declared, and the reason.
#pragma once

#include <optional>
#include <string>

#include "config/plan.h"

namespace mc::app {

struct CalendarOverride {
    CalendarName calendar;  // its name, not an alias
    Date date;
    enum class What { closed, open, close, clear } what = What::closed;
    std::optional<Seconds> time;  // for open and close: in the exchange's time zone, counted from the date's midnight
    std::string reason;
    Date declared;
};

// "closed", "open [HH:MM]", "close HH:MM", "clear". Error: usage, with what to write.
Result<CalendarOverride> parse_override(const CalendarName& calendar, Date date, const std::string& what,
                                        const std::string& time);

// "XNYS 2026-11-27 closes at 13:00"
std::string to_text(const CalendarOverride& override);
// The same, with the time that applies in the calendars `after` the change: a close inside a break becomes the start of
// the break, an opening the end.
std::string to_text(const CalendarOverride& override, const CalendarSet& after);

// The override files of that state directory. If we may not read the directory, the daemon on that socket is asked.
// Error: config, if a file is invalid; process, if the directory is unreadable and the daemon does not answer.
Result<std::vector<CalendarSource>> read_overrides(const std::string& state, const std::string& socket);

// Adds the overrides to the context's calendars, and returns whether there are any. If they cannot be read, adds none,
// and reports why in `problems`.
bool add_overrides(ReadContext& context, const std::string& state, const std::string& socket, Errors& problems);

// The new text of the calendar's override file; "" if it contains no day any more. `before`: its present text, "" if
// there is no file. `calendars`: without overrides. Error: refused, if the file is damaged, the result is not a valid
// session, or nothing would change; or of the calendar.
Result<std::string> with_override(const std::string& before, const CalendarSet& calendars,
                                  const CalendarOverride& override);

// The text of that calendar's override file; "" if there is no file. write_override() replaces the file; with text ""
// it removes the file.
Result<std::string> read_override(const std::string& state, const CalendarName& calendar);
Result<void> write_override(const std::string& state, const CalendarName& calendar, const std::string& text);
CalendarSource override_source(const CalendarName& calendar, const std::string& text, const std::string& file);

}  // namespace mc::app
