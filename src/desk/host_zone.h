// host_zone.h — whether the zone that jobs without `timezone` go by is the host's, or UTC for want of it.
#pragma once

#include <string>

#include "config/plan.h"

namespace mc::app {

// "" or what names the host's zone and cannot be read: $TZ, else /etc/localtime. One that is not there means UTC.
std::string host_zone_trouble(const Zone& taken, const std::string& localtime = "/etc/localtime");

// Warns where a job of the plan, or a crontab's, goes by that zone.
void warn_of_host_zone(Plan& plan, const ZonePtr& taken);

}  // namespace mc::app
