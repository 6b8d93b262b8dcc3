// percent.h — what `%` means in a crontab's command: the rest is for its standard input.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mc {

struct CommandText {
    std::string command;
    std::optional<std::string> stdin_text;  // ends with a newline; nothing when there is none to read
};

// The command ends at the first `%` without a backslash before it; behind it `%` is a newline. `\%` is a
// plain `%`, other backslashes stay. One newline is added where the last is missing.
CommandText split_at_percent(std::string_view text);

}  // namespace mc
