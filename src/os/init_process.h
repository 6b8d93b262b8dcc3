// init_process.h — what the first process of a container owes: it reaps strangers and passes signals on.
//
// The first process of a pid namespace becomes the parent of everyone whose own has died, and when it ends the
// kernel kills them all. So it does nothing else: the program runs as its child.
//
// When the program ends, the others are asked to end too (SIGTERM to all); what is left after 6 seconds gets SIGKILL, and
// after 8, less than the ten that container managers give, it is over. The keepers record how their jobs ended.
#pragma once

#include <functional>

namespace mc::os {

// True for the first process of its pid namespace.
bool is_first_process();

// Runs `program` in a child, with the signals as they were, and returns its exit code, or 128 and the signal's number.
// To be called before any thread and any other child. -1: there cannot be a child now.
int run_under_init(const std::function<int()>& program);

}  // namespace mc::os
