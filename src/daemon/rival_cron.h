// rival_cron.h — whether another cron daemon runs the same crontabs: then each of their jobs would run twice.
#pragma once

#include <optional>

#include "config/plan.h"
#include "os/other_cron.h"

namespace mc::app {

// Whether the plan's [crontab] names crontabs that other cron daemons read too: in /etc or /var/spool.
bool shares_tables(const Plan& plan);

// The cron daemon that runs the plan's crontabs too; nullopt if there is none, or the plan shares no crontab.
std::optional<os::CronProcess> rival_of(const Plan& plan);

// Error refused: a daemon must not begin to run the plan's [crontab] now, because a rival runs. nullopt if it may.
std::optional<Error> rival_cron(const Plan& plan);

}  // namespace mc::app
