// notify_rules.h — `notify = { failure = [...], ... }`, of a job or of [crontab].
#pragma once

#include "config/job.h"
#include "config/value.h"

namespace mc {

// Sets the lists that the table has; the others stay. Targets are "slack:NAME" and "mail:ADDRESS".
void read_notify_rules(const Value& value, NotifyRules& rules);

}  // namespace mc
