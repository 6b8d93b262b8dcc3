// event_loop.h — one thread with one epoll that waits for descriptors, signals and two clocks, based on libevent.
//
// The process wakes only for registered events: timers are absolute timerfds, so there is no polling and no rounding of
// timeouts. A watch is a value: its destructor deregisters it, and it must not outlive its loop. Callbacks run on the
// loop, one after the other, and may destroy their own watch.
//
// If the kernel refuses to watch a descriptor (epoll's limit, no memory), the caller gets no error: the loop tries
// again every second, reports it through on_shortage(), and the descriptor's events come late. A MonotonicTimer without
// a descriptor uses a timeout of libevent. If the loop itself, a WallTimer or signals() gets no descriptor,
// std::system_error is thrown.
//
// An exception from a callback never reaches libevent, which is C: with on_failure() it is reported there and the loop
// continues; without, run() ends and rethrows it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

struct event_base;

namespace mc::os {

class EventLoop {
   public:
    EventLoop();
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    class Watch {
       public:
        Watch();
        struct Body;
        explicit Watch(std::unique_ptr<Body> body);
        ~Watch();
        Watch(Watch&&) noexcept;
        Watch& operator=(Watch&&) noexcept;

       private:
        std::unique_ptr<Body> body_;
    };

    [[nodiscard]] Watch readable(int fd, std::function<void()> callback);
    [[nodiscard]] Watch writable(int fd, std::function<void()> callback);
    // Blocks the signals for the process, so that signals() gets those that arrive before it is called. To be called
    // before any thread starts.
    static void keep_signals(const std::vector<int>& numbers);
    // Also blocks them, and reads them from a signalfd.
    [[nodiscard]] Watch signals(const std::vector<int>& numbers, std::function<void(int number)> callback);

    // Called from the loop with the text of an exception from a callback; its own exceptions are ignored.
    void on_failure(std::function<void(const std::string& what)> report);
    // Called with the kernel's reason when it refuses to watch a descriptor (also if it did before this call), and with
    // "" when all are watched again.
    void on_shortage(std::function<void(const std::string& why)> report);
    // Runs the body like a callback of this loop, for callbacks given to libevent directly. False: it threw.
    bool guard(const std::function<void()>& body) noexcept;

    void run();  // until stop()
    void stop();
    void stop_soon();          // after 0.1 s, so that the client that asked to stop gets its answer
    event_base* base() const;  // for the HTTP server

   private:
    void begin_watching(Watch::Body& watch);
    void try_again() noexcept;
    void tell_shortage(const std::string& why);

    struct Body;
    std::unique_ptr<Body> body_;
};

// Fires `ahead` before an absolute instant of the wall clock, and each time that clock is set.
class WallTimer {
   public:
    WallTimer(EventLoop& loop, std::chrono::nanoseconds ahead, std::function<void()> callback);
    ~WallTimer();
    void arm(std::optional<Instant> at);  // absent: fires only when the clock is set

   private:
    struct Body;
    std::unique_ptr<Body> body_;
};

// Fires at an absolute time of the monotonic clock.
class MonotonicTimer {
   public:
    MonotonicTimer(EventLoop& loop, std::function<void()> callback);
    ~MonotonicTimer();
    void arm(std::optional<std::chrono::nanoseconds> at);

   private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace mc::os
