// table_lines.h — the common parts of crontabs and anacrontabs: blank lines, comments, settings that apply to the lines
// below them. Only an invalid line is left out.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "crontab/crontab.h"

namespace mc {

using LineRead = tl::expected<void, std::string>;

inline tl::unexpected<std::string> wrong_line(std::string what) { return tl::unexpected<std::string>(std::move(what)); }

// Skips cron's blanks, which do not include a carriage return.
void skip_blanks(std::string_view& rest);
// The word up to the next blank, which is skipped.
std::string_view take_word(std::string_view& rest);
// Stores the RANDOM_DELAY that applies in the entry; adds a remark if it is not a number of minutes.
void take_random_delay(CrontabEntry& entry);

// Calls `read` for each other line, to fill an entry whose line, text and settings are already set.
Crontab read_table_lines(std::string_view text,
                         const std::function<LineRead(CrontabEntry& entry, std::string_view line)>& read);

}  // namespace mc
