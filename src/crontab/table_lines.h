// table_lines.h — what crontabs and anacrontabs have in common: blank lines, comments, settings in force for the
// lines below them, and a bad line that alone is left out.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "crontab/crontab.h"

namespace mc {

using LineRead = tl::expected<void, std::string>;

inline tl::unexpected<std::string> wrong_line(std::string what) { return tl::unexpected<std::string>(std::move(what)); }

// Cron's blanks: a carriage return is none.
void skip_blanks(std::string_view& rest);
// Up to the next blank, which is skipped.
std::string_view take_word(std::string_view& rest);
// RANDOM_DELAY in force, into the entry; a remark where it is no number of minutes.
void take_random_delay(CrontabEntry& entry);

// `read` fills an entry, whose line, text and settings are known, from a line that is none of the above.
Crontab read_table_lines(std::string_view text,
                         const std::function<LineRead(CrontabEntry& entry, std::string_view line)>& read);

}  // namespace mc
