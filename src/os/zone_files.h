// zone_files.h — reads time zones from /usr/share/zoneinfo (or $TZDIR), each once.
#pragma once

#include "base/zone.h"

namespace mc::os {

// A lookup that reads `directory`/NAME on first use and keeps it. A name that leaves the directory is
// an error; an unknown one gets a suggestion from the directory's zone1970.tab or tzdata.zi.
// UTC needs no file. One thread at a time.
ZoneLookup zone_files(std::string directory = "");  // "" = $TZDIR or /usr/share/zoneinfo

// The host's zone: $TZ if set, else /etc/localtime (named by its link target), else UTC.
// As in the C library, $TZ may be a POSIX rule or a path, and one that means nothing is UTC.
ZonePtr host_zone(const ZoneLookup& lookup, const std::string& localtime = "/etc/localtime");

}  // namespace mc::os
