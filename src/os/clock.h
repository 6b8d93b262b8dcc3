// clock.h — the one place where the machine's clocks are read; everyone else takes `now`.
//
// Units  Instant is a UTC second, rounded down. WallTimePoint keeps the nanoseconds, for timers and
//        latencies. MonotonicTime never jumps and stands still while the machine is suspended.
// Source CLOCK_REALTIME, CLOCK_MONOTONIC, /proc/sys/kernel/random/boot_id.
#pragma once

#include <chrono>
#include <string>

#include "base/time.h"

namespace mc::os {

using WallTimePoint = std::chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>;
using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

WallTimePoint wall_now();
MonotonicTime monotonic_now();
// Since the machine's boot, also while it was suspended. No one can set it.
std::chrono::nanoseconds boot_time();
inline Instant instant_of(WallTimePoint t) { return date::floor<Seconds>(t); }
inline Instant instant_now() { return instant_of(wall_now()); }

// Sleeps until the wall clock shows `at`; not at all when that is more than `longest` away.
void sleep_until(Instant at, std::chrono::nanoseconds longest);
// The same by the clock that time(2) reads, and with it bash's `printf '%()T'`, perl and PHP: the kernel
// moves it on at its ticks only, so that for 1 to 10 ms it still shows the second before.
void sleep_until_ticked(Instant at, std::chrono::nanoseconds longest);

// The two clocks, for code that also runs on virtual time: in the simulator, in `simulate` and in tests.
class Clock {
   public:
    virtual ~Clock() = default;
    virtual WallTimePoint wall() const = 0;
    virtual MonotonicTime up() const = 0;
    // As the functions of these names; on virtual time it is `at` already.
    virtual void sleep_until(Instant at, std::chrono::nanoseconds longest) const = 0;
    virtual void sleep_until_ticked(Instant at, std::chrono::nanoseconds longest) const = 0;
};
// The machine's own.
const Clock& machine_clock();

// Names this boot of the machine: 36 characters; empty where /proc is not mounted.
std::string boot_id();

// This machine's name, for messages.
std::string host_name();

}  // namespace mc::os
