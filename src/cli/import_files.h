// import_files.h — reads what `import` is given: crontabs, anacrontabs, timers, directories of them, names of units.
//
// A timer is read as systemd reads it: /etc/systemd/system has precedence over /run, /usr/local/lib and /usr/lib, a
// link to /dev/null masks the unit, and the drop-ins (NAME.timer.d/*.conf) of all these directories are applied in the
// order of their names. The same is true below another root: /mnt/usr/lib/systemd/system/x.timer has its drop-ins in
// /mnt/etc/systemd/system. A timer in any other directory has its drop-ins in the same directory.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "crontab/import.h"

namespace mc::app {

struct ImportAsked {
    bool system = false;  // each line names its user
    std::string user;     // the crontabs' user, unless each line names one
};

// Reads one argument of the command. Error: usage, if it cannot be read or has nothing to import.
Result<std::vector<NamedCrontab>> read_import(const std::string& word, const ImportAsked& asked);

// True for /etc/crontab and the files in /etc/cron.d, where each line names its user.
bool is_system_table(const std::string& path);

}  // namespace mc::app
