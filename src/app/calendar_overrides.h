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

// Adds those of that state directory to the context's calendars; whether there are any. A file that cannot be
// read is left out, and named in `problems`.
bool add_overrides(ReadContext& context, const std::string& state, Errors* problems);

// Writes one, after checking that it makes a good session, or a day without one, and changes something. The file's
// text before, for put_back. Error: refused, or process.
Result<std::string> write_override(const std::string& state, const CalendarOverride& override);
Result<void> put_back(const std::string& state, const std::string& calendar, const std::string& text);

}  // namespace mc::app
