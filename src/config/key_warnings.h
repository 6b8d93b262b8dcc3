// key_warnings.h — keys that do nothing where they are written, and schedules that say something else than it seems.
//
// Only what a job's own table has is looked at: a key that comes from [defaults] or a group serves other jobs.
#pragma once

#include <vector>

#include "base/toml.h"
#include "config/document.h"
#include "config/plan.h"

namespace mc {

// `own` is the job's table, the job what came of it; `daemon` says what claims are for.
void warn_of_keys(const Job& job, const toml::table& own, const DaemonSettings& daemon, std::vector<Warning>& warnings);
// A `timezone` that is an offset: "EST" has no summer time.
void warn_of_zones(const Document& document, std::vector<Warning>& warnings);
// A [pool] or a [group] that no job is in.
void warn_of_unused(const Document& document, const std::map<std::string, Job>& jobs, std::vector<Warning>& warnings);
// The same of [crontab].
void warn_of_crontab_keys(const CrontabSettings& crontab, const toml::table& own, std::vector<Warning>& warnings);

}  // namespace mc
