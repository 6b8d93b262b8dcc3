// mail_setting.h — MAILTO and MAILFROM of a crontab's line, as cronie takes them.
#pragma once

#include <optional>
#include <string>

#include "crontab/crontab.h"

namespace mc {

// The setting in force, with the first $NAME or ${NAME} in it replaced by what the job has in its
// environment under that name; nullopt when the table does not set it. Blanks are left out.
std::optional<std::string> mail_setting(const CrontabEntry& entry, const std::string& name);

}  // namespace mc
