// anacrontab.h — an anacrontab as entries that import can write: `period delay identifier command`.
//
// Anacron runs a job when it has not run for `period` days, `delay` minutes after it looked. Here that is a time of day
// (PREFERRED_HOUR, START_HOURS_RANGE's first hour, or 07:30, and the delay) on each day, Sunday, first of a month or of
// January, caught up once after down time. A daily job keeps the end of START_HOURS_RANGE as `not_after`; where another
// period makes up for down time outside of those hours, a remark says so. RANDOM_DELAY is `jitter`.
// Source   anacrontab(5) of cronie 1.7.2; 07:30 is when Debian's anacron first looks.
#pragma once

#include <string_view>

#include "crontab/crontab.h"

namespace mc {

Crontab parse_anacrontab(std::string_view text);

}  // namespace mc
