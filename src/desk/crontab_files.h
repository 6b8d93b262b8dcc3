// crontab_files.h — which crontabs of [crontab] are read, by the rules of owner, mode and name.
//
// A table of the system is root's, or that of the daemon's own user, and nobody else may write it. One of the
// spool is called as its user, is that user's or root's, has no second name, and nobody else may write it. In a
// directory such as /etc/cron.d a name has letters, digits, `_` and `-` only, as Debian's cron has it: so an
// editor's and a package's leftovers are not run. Links are followed, but not in the spool.
//
// Lines of users that this machine does not have are named as such, and their tables in the spool are ignored. Such a
// user may come later, with the network: the tables have to be read again from time to time (wait_for_users()).
#pragma once

#include <string>
#include <vector>

#include "config/crontab_jobs.h"

namespace mc::app {

// A longer table is no table.
constexpr std::size_t crontab_bytes_max = 64u * 1024 * 1024;

// In the order of the settings, names sorted; what may not be read, or is not there (yet), stands there with
// its reason. Error: resources, when one cannot be read now (no descriptor, a disk that fails): nothing is known of
// its jobs, and they must not be taken for removed.
Result<std::vector<CrontabFile>> read_crontab_files(const CrontabSettings& settings);

// Users who were found when the files were read `before` are not taken for unknown while their tables are as they were: a
// directory service that is restarted says for a moment that there is no such user.
void keep_known_users(std::vector<CrontabFile>& files, const std::vector<CrontabFile>& before);

// Whether a line or a table is left out until its user exists.
bool wait_for_users(const std::vector<CrontabFile>& files);

// The directories in which a change may concern us: those of the settings, those of the files, and those of
// what links lead to.
std::vector<std::string> crontab_directories(const CrontabSettings& settings);

}  // namespace mc::app
