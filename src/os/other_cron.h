// other_cron.h — whether another cron daemon runs on this machine.
//
// A process counts when it is called cron, crond or bcron-sched (Debian's, cronie's, busybox's, dcron's, bcron's), runs
// as root or as our own user, is in our PID namespace and has not ended.
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

// Looks at every process: 10,000 take about 50 ms.
std::optional<CronProcess> other_cron();
// Looks only at the processes that the usual pid files name: some microseconds.
std::optional<CronProcess> other_cron_by_pid_file();

// Becomes readable when the process ends. None where the kernel has no such descriptors, or the process is gone.
Descriptor process_descriptor(pid_t pid);

}  // namespace mc::os
