// crontab_files.h — reads the crontabs of [crontab], if their owner, mode and name are as they must be.
//
// A system crontab belongs to root or to the daemon's user, and only its owner can write it. A crontab in the spool has
// the name of its user, belongs to that user or to root, has no second name (hard link), and only its owner can write
// it. In a directory such as /etc/cron.d a name has only letters, digits, `_` and `-`, as in Debian's cron: so files
// that editors and packages leave behind are not run. Symbolic links are followed, except in the spool.
//
// Lines of users that do not exist on this machine are marked, and the crontabs of such users in the spool are ignored.
// The user may appear later, with the network: then read the crontabs again from time to time (wait_for_users()).
#pragma once

#include <string>
#include <vector>

#include "config/crontab_jobs.h"

namespace mc::app {

// A longer crontab is ignored.
constexpr std::size_t crontab_bytes_max = 64u * 1024 * 1024;

// In the order of the settings, names sorted. A file that is ignored, or does not exist (yet), is in the list with the
// reason. Error: resources, if a file cannot be read at the moment (no descriptor, a failing disk): its jobs are then
// not known, and must not be treated as removed.
Result<std::vector<CrontabFile>> read_crontab_files(const CrontabSettings& settings);

// Users who were found when the files were read `before` stay known, for a system crontab only while its text is
// unchanged: a directory service that restarts may report for a moment that a user does not exist.
void keep_known_users(std::vector<CrontabFile>& files, const std::vector<CrontabFile>& before);

// Whether a line or a crontab is ignored until its user exists.
bool wait_for_users(const std::vector<CrontabFile>& files);

// The directories to watch for changes: those of the settings, of the files, and of the files that links lead to.
std::vector<std::string> crontab_directories(const CrontabSettings& settings);

}  // namespace mc::app
