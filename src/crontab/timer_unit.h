// timer_unit.h — a systemd timer as entries that import can write, one for each of its times.
//
// OnCalendar= becomes a cron expression where one says the same; OnBootSec= is @reboot, OnUnitActiveSec= @every. The
// command starts the service and waits for it, so that everything the service says holds as before.
// Source   systemd.timer(5), systemd.time(7) of systemd 252.
#pragma once

#include <string>
#include <string_view>

#include "crontab/crontab.h"

namespace mc {

// "Mon..Fri *-*-* 09:00:00" as "0 9 * * mon-fri"; with seconds, six fields. Error: what no expression says, and what to
// write instead. A time zone behind it is no part of it.
tl::expected<std::string, std::string> cron_of_calendar_event(std::string_view event);

// `name`: the unit's, "backup.timer".
Crontab parse_timer_unit(std::string_view text, const std::string& name);

}  // namespace mc
