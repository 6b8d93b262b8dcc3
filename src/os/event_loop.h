// event_loop.h — one thread, one epoll: descriptors, signals and two clocks, over libevent.
//
// Nothing wakes the process unless something that was armed comes: timers are absolute timerfds, so there
// is no polling and no timeout to round. A watch is a value: it deregisters when it is destroyed, and must
// not outlive its loop. Callbacks run on the loop, one after the other, and may destroy their own watch.
//
// A descriptor that the kernel does not watch now (epoll's limit, no memory) is no error of the caller's: the loop tries
// again every second, says so through on_shortage(), and what the descriptor has to say comes late. A MonotonicTimer
// that gets no descriptor goes by a timeout of libevent's. What is missing at the very beginning (the loop itself, a
// WallTimer's descriptor, signals()) is thrown as std::system_error.
//
// An exception that leaves a callback never reaches libevent, which is C: with on_failure() it is reported there and
// the loop goes on; without, run() ends and throws it again.
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
    // Blocks the signals for the process: what comes before signals() is called is kept for it. Before any thread.
    static void keep_signals(const std::vector<int>& numbers);
    // The same, and reads them from a signalfd.
    [[nodiscard]] Watch signals(const std::vector<int>& numbers, std::function<void(int number)> callback);

    // What of an exception that left a callback is to be known. It runs in the loop; what it throws itself is lost.
    void on_failure(std::function<void(const std::string& what)> report);
    // Called with the kernel's reason when it refuses to watch a descriptor (also one of before this call), and with ""
    // when it watches all of them again.
    void on_shortage(std::function<void(const std::string& why)> report);
    // Runs the body as a callback of this loop: for callbacks that this room gives to libevent itself. False: it threw.
    bool guard(const std::function<void()>& body) noexcept;

    void run();  // until stop()
    void stop();
    void stop_soon();          // after a tenth of a second: who asked for the end gets his answer
    event_base* base() const;  // for this room's HTTP server

   private:
    void begin_watching(Watch::Body& watch);
    void try_again() noexcept;
    void tell_shortage(const std::string& why);

    struct Body;
    std::unique_ptr<Body> body_;
};

// Fires `ahead` before an absolute instant of the wall clock, and whenever that clock is set.
class WallTimer {
   public:
    WallTimer(EventLoop& loop, std::chrono::nanoseconds ahead, std::function<void()> callback);
    ~WallTimer();
    void arm(std::optional<Instant> at);  // absent: only a set clock fires it

   private:
    struct Body;
    std::unique_ptr<Body> body_;
};

// Fires at an absolute second of the monotonic clock.
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
