// timer_unit.h — converts a systemd timer to entries for import, one for each of its times.
//
// OnCalendar= becomes a cron expression, with `when` if cron is not enough; OnBootSec= becomes @reboot,
// OnUnitActiveSec= becomes @every. An empty value removes all times above it, as in systemd. The command starts the
// service and waits for it, so that all settings of the service apply as before.
// Source   systemd.timer(5), systemd.time(7) of systemd 252.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "crontab/crontab.h"

namespace mc {

// The equivalent of a calendar event: "Mon..Fri *-*-* 09:00:00" is "0 9 * * mon-fri", with seconds six fields;
// "Sun *-*-1..7 09:00" is "0 9 * * *" with when = "nth_weekday(1, sun)".
struct CalendarEvent {
    std::string schedule, when;  // when: "" = nothing
};
// Error: the part without an equivalent. The event is without a time zone.
tl::expected<CalendarEvent, std::string> read_calendar_event(std::string_view event);

// The file of a unit, and its drop-ins in systemd's order.
struct UnitFile {
    std::string name;  // for a drop-in: "10-desk.conf"; "" = the unit's own file
    std::string text;
};

// `name`: the unit's, "backup.timer". Problems and remarks about a drop-in name its file.
Crontab parse_timer_unit(const std::vector<UnitFile>& files, const std::string& name);

}  // namespace mc
