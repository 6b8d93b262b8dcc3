// virtual_clock.h — a wall clock and a monotonic clock that move only when they are set.
#pragma once

#include "os/clock.h"

namespace mc {

class VirtualClock final : public os::Clock {
   public:
    explicit VirtualClock(Instant wall, Seconds up = Seconds{0}) : wall_(wall), up_(up) {}

    Instant wall_seconds() const { return wall_; }
    Seconds up_seconds() const { return up_; }
    void advance(Seconds by) {
        wall_ += by;
        up_ += by;
    }
    // Sets the wall clock only.
    void set_wall(Instant wall) { wall_ = wall; }
    // Sets the monotonic clock, as a boot of the machine does.
    void set_up(Seconds up) { up_ = up; }

    os::WallTimePoint wall() const override { return os::WallTimePoint{wall_.time_since_epoch()}; }
    os::MonotonicTime up() const override { return os::MonotonicTime{up_}; }
    void sleep_until(Instant, std::chrono::nanoseconds) const override {}
    void sleep_until_ticked(Instant, std::chrono::nanoseconds) const override {}

   private:
    Instant wall_;
    Seconds up_;
};

}  // namespace mc
