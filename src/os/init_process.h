// init_process.h — the duties of a container's first process: it reaps orphaned processes and forwards signals.
//
// The first process of a PID namespace becomes the parent of all orphaned processes, and when it ends the kernel kills
// all others. So it does nothing else: the program runs as its child.
//
// When the program ends, all other processes get SIGTERM. Those left after 6 s get SIGKILL, except keepers, which
// record how their jobs ended. After 8 s the first process ends, within the 10 s that container managers allow.
#pragma once

#include <functional>

namespace mc::os {

// True for the first process of its pid namespace.
bool is_first_process();
// True in the program that run_under_init() runs: its end is the end of all other processes.
bool runs_under_init();

// Runs `program` in a child, with the original signal mask, and returns its exit code, or 128 plus the number of the
// signal that ended it. -1: fork failed. To be called before any thread or other child exists.
int run_under_init(const std::function<int()>& program);

}  // namespace mc::os
