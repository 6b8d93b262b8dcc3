// date_format.h — the %-formats of templates: a subset of strftime with the same meanings, in English.
//
//   dates     %Y %y %m %d %e %j %B %b %A %a %u %w %G %g %V %F %D %%
//   instants  these, and %H %I %M %S %p %T %R %s %z %Z
// Widths, flags and locales are not supported.
#pragma once

#include <string>
#include <string_view>

#include "base/zone.h"

namespace mc {

enum class FormatOf { date, instant };

// Error: config, with the first letter that is unknown or needs a time but gets a date. The column in its spot counts
// from the start of the format.
Result<void> check_date_format(std::string_view format, FormatOf of);

// For formats that passed check_date_format().
std::string format_date(Date date, std::string_view format);
std::string format_instant(Instant instant, const Zone& zone, std::string_view format);

}  // namespace mc
