// clock.h — the only place that reads the machine's clocks; all other code gets `now` as an argument.
//
// Units  Instant is a UTC second, rounded down. WallTimePoint keeps the nanoseconds, for timers and
//        latencies. MonotonicTime never jumps, and stops while the machine is suspended.
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
// The time since the machine's boot, including suspends. It cannot be set.
std::chrono::nanoseconds boot_time();
inline Instant instant_of(WallTimePoint t) { return date::floor<Seconds>(t); }
inline Instant instant_now() { return instant_of(wall_now()); }

// Sleeps until the wall clock shows `at`; returns at once when that is more than `longest` away.
void sleep_until(Instant at, std::chrono::nanoseconds longest);
// The same for the clock that time(2) reads, and with it bash's `printf '%()T'`, perl and PHP. The kernel advances that
// clock only at its ticks, so that it shows the previous second for another 1 to 10 ms.
void sleep_until_ticked(Instant at, std::chrono::nanoseconds longest);

// The two clocks, for code that also runs on virtual time: in the simulator, in `simulate` and in tests.
class Clock {
   public:
    virtual ~Clock() = default;
    virtual WallTimePoint wall() const = 0;
    virtual MonotonicTime up() const = 0;
    // Like the functions above; on virtual time they return at once, because it is already `at`.
    virtual void sleep_until(Instant at, std::chrono::nanoseconds longest) const = 0;
    virtual void sleep_until_ticked(Instant at, std::chrono::nanoseconds longest) const = 0;
};
// The machine's clocks.
const Clock& machine_clock();

// The identity of the machine's current boot: 36 characters; empty when /proc is not mounted.
std::string boot_id();

// This machine's name, for messages.
std::string host_name();

}  // namespace mc::os
