#include "os/event_loop.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>
#include <system_error>

#include "os/clock.h"
#include "os/descriptor.h"
#include "support/send_signal.h"
#include "unit/os/limit.h"

namespace mc::os::test {

using namespace std::chrono_literals;

TEST_CASE("a readable descriptor runs its callback, a destroyed watch does not") {
    EventLoop loop;
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
    const Descriptor out(ends[0]), in(ends[1]);
    int calls = 0;
    EventLoop::Watch watch = loop.readable(out.get(), [&] {
        ++calls;
        watch = {};  // from within the callback
    });
    REQUIRE(::write(in.get(), "x", 1) == 1);
    MonotonicTimer end(loop, [&] { loop.stop(); });
    end.arm(monotonic_now().time_since_epoch() + 50ms);
    loop.run();
    CHECK(calls == 1);
}

TEST_CASE("timers fire at their instant, and not earlier") {
    EventLoop loop;
    const auto begun = monotonic_now();
    std::chrono::nanoseconds late{};
    MonotonicTimer timer(loop, [&] {
        late = monotonic_now() - (begun + 30ms);
        loop.stop();
    });
    timer.arm((begun + 30ms).time_since_epoch());
    loop.run();
    CHECK(late >= 0ms);
    CHECK(late < 5s);

    Instant fired{};
    WallTimer wall(loop, 0ms, [&] {
        fired = instant_now();
        loop.stop();
    });
    const Instant due = instant_now() + Seconds{1};
    wall.arm(due);
    loop.run();
    CHECK(fired >= due);
    // A timer for the past fires immediately.
    wall.arm(due - Seconds{3600});
    loop.run();
}

TEST_CASE("a timer that fires early sleeps the rest, by either clock") {
    EventLoop loop;
    WallTimePoint fired{};
    WallTimer wall(loop, 200ms, [&] {
        fired = wall_now();
        loop.stop();
    });
    const Instant due = instant_now() + Seconds{2};
    wall.arm(due);
    loop.run();
    CHECK(fired < due);
    CHECK(due - fired <= 200ms);
    sleep_until(due, 100ms);  // farther away than that: no sleep
    CHECK(wall_now() < due);
    sleep_until(due, 200ms);
    CHECK(wall_now() >= due);
    sleep_until_ticked(due, 20ms);
    CHECK(std::time(nullptr) >= due.time_since_epoch().count());
    const auto begun = monotonic_now();
    sleep_until(due, 1h);
    CHECK(monotonic_now() - begun < 100ms);
}

TEST_CASE("a signal runs its callback on the loop") {
    EventLoop loop;
    std::vector<int> got;
    const EventLoop::Watch watch = loop.signals({SIGUSR2, SIGHUP}, [&](int number) {
        got.push_back(number);
        if (got.size() == 2) loop.stop();
    });
    REQUIRE(mc::test::send_signal(::getpid(), SIGUSR2));
    REQUIRE(mc::test::send_signal(::getpid(), SIGHUP));
    loop.run();
    std::sort(got.begin(), got.end());
    CHECK(got == std::vector<int>{SIGHUP, SIGUSR2});
}

TEST_CASE("without a due event the loop does not wake") {
    EventLoop loop;
    WallTimer far(loop, 0ms, [] {});
    far.arm(instant_now() + Seconds{3600});
    MonotonicTimer end(loop, [&] { loop.stop(); });
    rusage before{}, after{};
    end.arm((monotonic_now() + 300ms).time_since_epoch());
    ::getrusage(RUSAGE_SELF, &before);
    loop.run();
    ::getrusage(RUSAGE_SELF, &after);
    // One wait for the end; each unnecessary wake would add one.
    CHECK(after.ru_nvcsw - before.ru_nvcsw <= 2);
}

TEST_CASE("a descriptor that the kernel cannot watch now is reported, and tried again") {
    EventLoop loop;
    std::vector<std::string> told;
    loop.on_shortage([&](const std::string& why) { told.push_back(why); });
    // The kernel cannot watch a regular file; then the number is reused for another object, as when a shortage ends.
    const std::string path = "/tmp/marketcron-loop-" + std::to_string(::getpid());
    const Descriptor one(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    REQUIRE(one);
    ::unlink(path.c_str());
    int calls = 0;
    EventLoop::Watch watch = loop.readable(one.get(), [&] {
        ++calls;
        loop.stop();
    });
    CHECK(told == std::vector<std::string>{"Operation not permitted"});
    const Descriptor bell(::eventfd(1, EFD_CLOEXEC));
    REQUIRE(::dup3(bell.get(), one.get(), O_CLOEXEC) == one.get());
    MonotonicTimer end(loop, [&] { loop.stop(); });
    end.arm(monotonic_now().time_since_epoch() + 10s);
    loop.run();
    CHECK(calls == 1);
    CHECK(told == std::vector<std::string>{"Operation not permitted", ""});
}

TEST_CASE("a handler registered late is told of the shortage, and a destroyed watch is not tried again") {
    EventLoop loop;
    const Descriptor directory(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    EventLoop::Watch watch = loop.readable(directory.get(), [] {});
    std::vector<std::string> told;
    loop.on_shortage([&](const std::string& why) { told.push_back(why); });
    CHECK(told == std::vector<std::string>{"Operation not permitted"});
    watch = {};
    MonotonicTimer end(loop, [&] { loop.stop(); });
    end.arm(monotonic_now().time_since_epoch() + 1500ms);
    loop.run();
    CHECK(told.size() == 2);
    CHECK(told.back().empty());
}

TEST_CASE("a timer without a descriptor also fires at its instant, and a lack of descriptors is an error") {
    EventLoop loop;
    MonotonicTime fired{};
    std::optional<MonotonicTimer> timer;
    // Once without the limit: the sanitizer needs a descriptor for each new type.
    int said = 0;
    for (const rlim_t descriptors : {rlim_t{1000}, rlim_t{0}}) try {
            const Limit limit(::getpid(), RLIMIT_NOFILE, descriptors);  // restored when the exception is caught
            timer.emplace(loop, [&] {
                fired = monotonic_now();
                loop.stop();
            });
            const WallTimer wall(loop, 0ms, [] {});
            throw std::system_error(0, std::generic_category());
        } catch (const std::system_error& error) {
            said = error.code().value();
        }
    CHECK(said == EMFILE);
    REQUIRE(timer);
    const auto due = monotonic_now() + 30ms;
    timer->arm(due.time_since_epoch());
    timer->arm(std::nullopt);
    timer->arm(due.time_since_epoch());
    loop.run();
    CHECK(fired >= due);
    CHECK(fired < due + 5s);
}

}  // namespace mc::os::test
