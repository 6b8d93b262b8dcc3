// send_signal.h — a safe kill(2) for tests. A number from a file or a job's output may be 0, which means the whole
// process group of the test, or -1, which means every process.
#pragma once

#include <signal.h>
#include <sys/types.h>

namespace mc::test {

// Sends nothing and returns false if the number cannot be that of an ordinary process; otherwise true if the signal was
// sent.
[[nodiscard]] inline bool send_signal(pid_t pid, int number) { return pid > 1 && ::kill(pid, number) == 0; }

}  // namespace mc::test
