// setting.h — `NAME = value`: a crontab line that sets a variable.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mc {

// The name and value of a line that sets a variable; nullopt for any other line. A name may be any text without blanks,
// or any quoted text, even an empty one: cron only checks for the `=`.
std::optional<std::pair<std::string, std::string>> parse_setting(std::string_view line);

}  // namespace mc
