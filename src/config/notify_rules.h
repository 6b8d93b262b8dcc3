// notify_rules.h — `notify = { failure = [...], ... }`, of a job or of [crontab].
#pragma once

#include "config/job.h"
#include "config/value.h"

namespace mc {

// A list of targets in place of what is there. Their channels must be declared.
void read_targets(const Value& value, std::vector<Target>& targets);

// Sets the lists that the table has; the others stay.
void read_notify_rules(const Value& value, NotifyRules& rules);

}  // namespace mc
