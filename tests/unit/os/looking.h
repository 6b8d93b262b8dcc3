// looking.h — an event loop that runs until a check is answered, and folders of their own for what is checked.
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>

#include "os/clock.h"
#include "os/event_loop.h"

namespace mc::os::test {

// Runs the loop until the condition is true, or for ten seconds.
inline void run_until(EventLoop& loop, const std::function<bool()>& reached) {
    const MonotonicTime end = monotonic_now() + std::chrono::seconds{10};
    std::function<void()> look;
    MonotonicTimer again(loop, [&] { look(); });
    look = [&] {
        if (reached() || monotonic_now() > end) loop.stop();
        else again.arm(monotonic_now().time_since_epoch() + std::chrono::milliseconds{5});
    };
    again.arm(monotonic_now().time_since_epoch());
    loop.run();
    CHECK(reached());
}

inline std::filesystem::path fresh_folder() {
    static int number = 0;
    auto folder = std::filesystem::temp_directory_path() / fmt::format("looker-{}-{}", ::getpid(), ++number);
    std::filesystem::create_directories(folder);
    return folder;
}

}  // namespace mc::os::test
