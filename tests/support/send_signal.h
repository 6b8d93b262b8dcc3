// send_signal.h — kill(2) for tests. A number that was read from a file or a job's output may be 0, which kill(2)
// takes for the whole process group of the test, or -1, which it takes for every process.
#pragma once

#include <signal.h>
#include <sys/types.h>

namespace mc::test {

// False, and nothing is sent, when the number is not that of an ordinary process; else whether it was sent.
[[nodiscard]] inline bool send_signal(pid_t pid, int number) { return pid > 1 && ::kill(pid, number) == 0; }

}  // namespace mc::test
