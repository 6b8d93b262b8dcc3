// job_name.h — derives a job's name from the command of a crontab line.
#pragma once

#include <string>
#include <string_view>

namespace mc {

// The name of the program that the line runs, without directory and extension: `backup` for
// "if [ -x /opt/backup.sh ]; then sudo -u ops timeout 1h /opt/backup.sh --full; fi", `cron-daily` for
// "cd / && run-parts /etc/cron.daily", `load` for "python3 /opt/etl/load.py". Letters, digits, `_` and `-`, at most 80
// of them, not only digits; "" if nothing is left.
std::string job_name_of(std::string_view command);

// The text with each character that a job's name may not have replaced by `-`: `cron-daily` for "cron.daily".
std::string letters_of_a_name(std::string_view text);

}  // namespace mc
