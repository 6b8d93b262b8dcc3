// percent.h — `%` in a crontab's command: the rest is its standard input.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mc {

struct CommandText {
    std::string command;
    std::optional<std::string> stdin_text;  // ends with a newline; absent if there is none
};

// The command ends at the first `%` without a backslash before it; after that, `%` is a newline. `\%` is a literal `%`,
// other backslashes are kept. If the last newline is missing, it is added.
CommandText split_at_percent(std::string_view text);

}  // namespace mc
