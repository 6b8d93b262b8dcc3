// import_files.h — what `import` is given: crontabs, anacrontabs, timers, directories of them, names of units.
//
// A timer is read as systemd reads it: /etc/systemd/system comes before /run, /usr/local/lib and /usr/lib, a link to
// /dev/null masks the unit, and the drop-ins (NAME.timer.d/*.conf) of all these directories are laid on it by their
// names. The same below another root: /mnt/usr/lib/systemd/system/x.timer has its drop-ins in /mnt/etc/systemd/system.
// A timer elsewhere has its drop-ins beside it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "crontab/import.h"

namespace mc::app {

struct ImportAsked {
    bool system = false;  // each line names its user
    std::string user;     // whose tables they are
};

// One word of the command line. Error: usage, when it cannot be read, or there is nothing in it to import.
Result<std::vector<NamedCrontab>> read_import(const std::string& word, const ImportAsked& asked);

// /etc/crontab, and what is in /etc/cron.d: each line names its user.
bool is_system_table(const std::string& path);

}  // namespace mc::app
