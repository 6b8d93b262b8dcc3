// rival_cron.h — two crons would run every job of a crontab twice.
#pragma once

#include <optional>

#include "config/plan.h"
#include "os/other_cron.h"

namespace mc::app {

// Whether the plan's [crontab] names a place that other cron daemons read too: in /etc or /var/spool.
bool shares_tables(const Plan& plan);

// The cron daemon that runs the plan's tables too; none where the plan shares no table.
std::optional<os::CronProcess> rival_of(const Plan& plan);

// Why the plan's [crontab] may not be run now, for who would begin to: a rival.
std::optional<Error> rival_cron(const Plan& plan);

}  // namespace mc::app
