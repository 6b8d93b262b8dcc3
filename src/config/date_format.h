// date_format.h — the %-formats of templates, a part of strftime's with its meanings, in English.
//
//   dates     %Y %y %m %d %e %j %B %b %A %a %u %w %G %g %V %F %D %%
//   instants  these, and %H %I %M %S %p %T %R %s %z %Z
// Widths, flags and locales are none of it.
#pragma once

#include <string>
#include <string_view>

#include "base/zone.h"

namespace mc {

enum class FormatOf { date, instant };

// Error: config, naming the first letter that is unknown, or asks a date for a time; the column in its
// spot counts from the format's start.
Result<void> check_date_format(std::string_view format, FormatOf of);

// Both take only formats that check_date_format has passed.
std::string format_date(Date date, std::string_view format);
std::string format_instant(Instant instant, const Zone& zone, std::string_view format);

}  // namespace mc
