// timer_unit.h — a systemd timer as entries that import can write, one for each of its times.
//
// OnCalendar= becomes a cron expression, with `when` where that does not say it all; OnBootSec= is @reboot,
// OnUnitActiveSec= @every. An empty one takes back all times above it, as in systemd. The
// command starts the service and waits for it, so that everything the service says holds as before.
// Source   systemd.timer(5), systemd.time(7) of systemd 252.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "crontab/crontab.h"

namespace mc {

// What says the same as a calendar event: "Mon..Fri *-*-* 09:00:00" is "0 9 * * mon-fri", with seconds six fields;
// "Sun *-*-1..7 09:00" is "0 9 * * *" with when = "nth_weekday(1, sun)".
struct CalendarEvent {
    std::string schedule, when;  // when: "" = nothing
};
// Error: what cannot be said so. A time zone behind the event is no part of it.
tl::expected<CalendarEvent, std::string> read_calendar_event(std::string_view event);

// A unit's own file, and its drop-ins in the order in which systemd reads them.
struct UnitFile {
    std::string name;  // of a drop-in: "10-desk.conf"; "" = the unit's own
    std::string text;
};

// `name`: the unit's, "backup.timer". Of a drop-in the problems and remarks name the file.
Crontab parse_timer_unit(const std::vector<UnitFile>& files, const std::string& name);

}  // namespace mc
