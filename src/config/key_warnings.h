// key_warnings.h — warnings about keys without effect, and schedules that may not mean what they seem to.
//
// Only the job's own table is checked: a key from [defaults] or a group may be for other jobs.
#pragma once

#include <vector>

#include "base/toml.h"
#include "config/document.h"
#include "config/plan.h"

namespace mc {

// `own` is the job's table, `job` the merged result; `daemon` has the capacity for claims.
void warn_of_keys(const Job& job, const toml::table& own, const DaemonSettings& daemon, std::vector<Warning>& warnings);
// A `timezone` that is a fixed offset: "EST" has no daylight saving time.
void warn_of_zones(const Document& document, std::vector<Warning>& warnings);
// A [pool] or [group] without jobs.
void warn_of_unused(const Document& document, const Jobs& jobs, std::vector<Warning>& warnings);
// Keys of [crontab] without effect. `own` is the table.
void warn_of_crontab_keys(const CrontabSettings& crontab, const toml::table& own, std::vector<Warning>& warnings);

}  // namespace mc
