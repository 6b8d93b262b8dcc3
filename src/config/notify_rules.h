// notify_rules.h — reads `notify = { failure = [...], ... }` of a job or of [crontab].
#pragma once

#include "config/job.h"
#include "config/value.h"

namespace mc {

// Replaces `targets` by a list of targets. Their channels must be declared.
void read_targets(const Value& value, std::vector<Target>& targets);

// Sets the lists that are in the table; the others are unchanged.
void read_notify_rules(const Value& value, NotifyRules& rules);

}  // namespace mc
