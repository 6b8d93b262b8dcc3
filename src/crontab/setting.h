// setting.h — `NAME = value`, the crontab line that is no job.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mc {

// The name and the value of a line that sets one; nullopt for any other line. A name may be any text
// without blanks, or any text in quotes, also none at all: cron looks at nothing but the `=`.
std::optional<std::pair<std::string, std::string>> parse_setting(std::string_view line);

}  // namespace mc
