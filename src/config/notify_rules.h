// notify_rules.h — `notify = { failure = [...], ... }`, of a job or of [crontab].
#pragma once

#include "config/job.h"
#include "config/value.h"

namespace mc {

// A list of targets, "slack:NAME" and "mail:ADDRESS", in place of what is there. A [slack.NAME] must be known.
void read_targets(const Value& value, std::vector<std::string>& targets);

// Sets the lists that the table has; the others stay. Targets are "slack:NAME" and "mail:ADDRESS".
void read_notify_rules(const Value& value, NotifyRules& rules);

}  // namespace mc
