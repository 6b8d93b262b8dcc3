// anacrontab.h — converts an anacrontab to entries for import: `period delay identifier command`.
//
// Anacron runs a job that has not run for `period` days, `delay` minutes after its check. Here the job has a time of
// day (the delay after PREFERRED_HOUR, the first hour of START_HOURS_RANGE, or 07:30) on each day, Sunday, first of a
// month or first of January, and a missed run is caught up once after down time. A daily job has the end of
// START_HOURS_RANGE as `not_after`. With other periods, runs may be caught up outside these hours, and a remark says
// so. RANDOM_DELAY is `jitter`.
// Source   anacrontab(5) of cronie 1.7.2; 07:30 is the time of the first check by Debian's anacron.
#pragma once

#include <string_view>

#include "crontab/crontab.h"

namespace mc {

Crontab parse_anacrontab(std::string_view text);

}  // namespace mc
