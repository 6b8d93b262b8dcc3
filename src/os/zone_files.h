// zone_files.h — reads time zones from /usr/share/zoneinfo (or $TZDIR), each once.
#pragma once

#include "base/zone.h"

namespace mc::os {

// A lookup that reads `directory`/NAME on first use and keeps it. Error: config, for a name that leaves the directory
// or is unknown; the hint suggests a name from the directory's tzdata.zi or zone1970.tab.
// UTC needs no file. Not thread-safe.
ZoneLookup zone_files(std::string directory = "");  // "" = $TZDIR or /usr/share/zoneinfo

// The host's time zone: $TZ if set, else /etc/localtime (named by its link target), else UTC.
// As in the C library, $TZ may be a POSIX rule or a path, and an invalid one means UTC.
ZonePtr host_zone(const ZoneLookup& lookup, const std::string& localtime = "/etc/localtime");

}  // namespace mc::os
