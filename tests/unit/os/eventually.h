// eventually.h — waits for what other processes and threads do.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

#include "os/clock.h"

namespace mc::os::test {

using namespace std::chrono_literals;

// Waits for other processes; the limit only ends a test that has failed.
inline bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds bound = 20s) {
    const auto until = monotonic_now() + bound;
    while (monotonic_now() < until) {
        if (holds()) return true;
        std::this_thread::sleep_for(2ms);
    }
    return holds();
}

}  // namespace mc::os::test
