// mail_setting.h — MAILTO and MAILFROM of a crontab line, as cronie interprets them.
#pragma once

#include <optional>
#include <string>

#include "crontab/crontab.h"

namespace mc {

// The value that applies, with the first $NAME or ${NAME} in it replaced by that variable of the job's environment;
// nullopt if the crontab does not set it. Blanks are removed.
std::optional<std::string> mail_setting(const CrontabEntry& entry, const std::string& name);

}  // namespace mc
