// host_zone.h — warns if jobs without `timezone` use UTC only because the host's time zone cannot be read.
#pragma once

#include <string>

#include "config/plan.h"

namespace mc::app {

// "", or the setting that names the host's time zone but cannot be read: $TZ, otherwise /etc/localtime. If neither
// exists, the host's zone is UTC. `taken`: the zone that is in use.
std::string host_zone_trouble(const Zone& taken, const std::string& localtime = "/etc/localtime");

// Adds a warning to the plan if one of its jobs uses that zone, or if it has crontabs.
void warn_of_host_zone(Plan& plan, const ZonePtr& taken);

}  // namespace mc::app
