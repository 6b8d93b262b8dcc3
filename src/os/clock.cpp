#include "os/clock.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "os/descriptor.h"

namespace mc::os {

namespace {

std::chrono::nanoseconds until(Instant at, clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return at.time_since_epoch() - Seconds{now.tv_sec} - std::chrono::nanoseconds{now.tv_nsec};
}

// Sleeps in monotonic steps of at most `step`, so that setting the wall clock meanwhile cannot prolong the sleep.
void sleep_until(Instant at, clockid_t clock, std::chrono::nanoseconds longest, std::chrono::nanoseconds step) {
    const auto left_at_most = monotonic_now() + longest;
    for (auto left = until(at, clock); left.count() > 0 && left <= longest; left = until(at, clock)) {
        const timespec nap{0, static_cast<long>(std::min(left, step).count())};
        ::nanosleep(&nap, nullptr);
        if (monotonic_now() > left_at_most) return;
    }
}

}  // namespace

WallTimePoint wall_now() { return std::chrono::system_clock::now(); }
MonotonicTime monotonic_now() { return std::chrono::steady_clock::now(); }

std::chrono::nanoseconds boot_time() {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return Seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

void sleep_until(Instant at, std::chrono::nanoseconds longest) {
    sleep_until(at, CLOCK_REALTIME, longest, std::chrono::milliseconds{100});
}

void sleep_until_ticked(Instant at, std::chrono::nanoseconds longest) {
    sleep_until(at, CLOCK_REALTIME_COARSE, longest, std::chrono::microseconds{200});
}

std::string boot_id() {
    const Descriptor file{::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)};
    if (!file) return {};
    std::array<char, 36> id{};
    const ssize_t got = ::read(file.get(), id.data(), id.size());
    return got == 36 ? std::string(id.data(), id.size()) : std::string{};
}

std::string host_name() {
    char name[256] = {};
    return ::gethostname(name, sizeof name - 1) == 0 ? name : "unknown host";
}

namespace {

class MachineClock final : public Clock {
   public:
    WallTimePoint wall() const override { return wall_now(); }
    MonotonicTime up() const override { return monotonic_now(); }
    void sleep_until(Instant at, std::chrono::nanoseconds longest) const override { os::sleep_until(at, longest); }
    void sleep_until_ticked(Instant at, std::chrono::nanoseconds longest) const override {
        os::sleep_until_ticked(at, longest);
    }
};

}  // namespace

const Clock& machine_clock() {
    static const MachineClock clock;
    return clock;
}

}  // namespace mc::os
