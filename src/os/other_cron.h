// other_cron.h — whether another cron daemon runs on this machine.
#pragma once

#include <optional>
#include <string>

namespace mc::os {

// "cron (pid 517)"; nothing when no process is called cron or crond, as Debian's, cronie and busybox are.
std::optional<std::string> other_cron();

}  // namespace mc::os
