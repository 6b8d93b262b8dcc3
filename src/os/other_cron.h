// other_cron.h — whether another cron daemon runs on this machine.
//
// A process counts if its name is cron, crond or bcron-sched (Debian, cronie, busybox, dcron, bcron), it runs as root
// or as our own user, is in our PID namespace and has not ended.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "os/descriptor.h"

namespace mc::os {

struct CronProcess {
    std::string name;
    pid_t pid = 0;
    std::string text() const;  // "cron (pid 517)"
};

// Checks every process: about 50 ms for 10,000.
std::optional<CronProcess> other_cron();
// Checks only the processes named in the usual PID files: a few microseconds.
std::optional<CronProcess> other_cron_by_pid_file();
// The cron whose number that PID file begins with.
std::optional<CronProcess> cron_in_pid_file(const std::string& file);

// Becomes readable when the process ends. Empty if the kernel has no pidfd_open, or the process does not exist.
Descriptor process_descriptor(pid_t pid);

}  // namespace mc::os
