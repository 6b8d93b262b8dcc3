// rival_cron.h — two crons would run every job of a crontab twice.
#pragma once

#include <optional>

#include "config/plan.h"

namespace mc::app {

// Why the plan's [crontab] may not be run now: it names tables in /etc or /var/spool, and another cron daemon
// runs on this machine.
std::optional<Error> rival_cron(const Plan& plan);

}  // namespace mc::app
