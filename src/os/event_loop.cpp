#include "os/event_loop.h"

#include <event2/event.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <exception>
#include <new>
#include <system_error>
#include <vector>

#include "os/clock.h"
#include "os/descriptor.h"

namespace mc::os {

struct EventLoop::Body {
    event_base* base = nullptr;
    event* again = nullptr;               // the timeout until the next try
    std::vector<Watch::Body*> unwatched;  // the kernel refused to watch these
    std::string why;                      // the kernel's reason; "" when none is unwatched
    std::function<void(const std::string&)> report, shortage;
    std::exception_ptr unreported;
};

struct EventLoop::Watch::Body {
    event* registered = nullptr;
    Descriptor own;  // a signalfd, where the watch owns one
    EventLoop* loop = nullptr;
    std::shared_ptr<std::function<void()>> callback;

    ~Body() {
        if (registered) event_free(registered);
        std::erase(loop->body_->unwatched, this);
    }
};

namespace {

constexpr timeval again_after{1, 0};

[[noreturn]] void refuse(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

void call(evutil_socket_t, short, void* argument) {
    // Copied, so that a callback may destroy its own watch.
    const auto& watch = *static_cast<EventLoop::Watch::Body*>(argument);
    EventLoop& loop = *watch.loop;
    const auto callback = watch.callback;
    loop.guard(*callback);
}

std::unique_ptr<EventLoop::Watch::Body> watch(EventLoop& loop, int fd, short what, std::function<void()> callback) {
    if (fd < 0) refuse("no file descriptor available");  // libevent would silently watch nothing
    auto body = std::make_unique<EventLoop::Watch::Body>();
    body->loop = &loop;
    body->callback = std::make_shared<std::function<void()>>(std::move(callback));
    body->registered = event_new(loop.base(), fd, static_cast<short>(what | EV_PERSIST), call, body.get());
    if (body->registered == nullptr) throw std::bad_alloc();
    return body;
}

}  // namespace

EventLoop::EventLoop() : body_(std::make_unique<Body>()) {
    // libevent must not write to stderr, which may block; callers report errors themselves.
    event_set_log_callback([](int, const char*) {});
    body_->base = event_base_new();
    if (body_->base == nullptr) refuse("cannot create an event loop");
    const auto again = [](evutil_socket_t, short, void* loop) { static_cast<EventLoop*>(loop)->try_again(); };
    body_->again = event_new(body_->base, -1, 0, again, this);
    if (body_->again == nullptr) throw std::bad_alloc();
}
EventLoop::~EventLoop() {
    if (body_->again != nullptr) event_free(body_->again);
    event_base_free(body_->base);
}

void EventLoop::begin_watching(Watch::Body& watch) {
    if (event_add(watch.registered, nullptr) == 0) return;
    const std::string why = std::generic_category().message(errno);
    const bool is_first = body_->unwatched.empty();
    body_->unwatched.push_back(&watch);
    (void)event_add(body_->again, &again_after);  // a timeout needs no descriptor
    if (is_first) tell_shortage(why);
}

void EventLoop::try_again() noexcept {
    std::erase_if(body_->unwatched, [](Watch::Body* watch) { return event_add(watch->registered, nullptr) == 0; });
    if (!body_->unwatched.empty()) (void)event_add(body_->again, &again_after);
    else if (!body_->why.empty()) tell_shortage("");
}

void EventLoop::tell_shortage(const std::string& why) {
    body_->why = why;
    guard([&] {
        if (body_->shortage) body_->shortage(why);
    });
}

EventLoop::Watch::Watch() = default;
EventLoop::Watch::Watch(std::unique_ptr<Body> body) : body_(std::move(body)) {}
EventLoop::Watch::~Watch() = default;
EventLoop::Watch::Watch(Watch&&) noexcept = default;
EventLoop::Watch& EventLoop::Watch::operator=(Watch&&) noexcept = default;

EventLoop::Watch EventLoop::readable(int fd, std::function<void()> callback) {
    auto body = watch(*this, fd, EV_READ, std::move(callback));
    begin_watching(*body);
    return Watch(std::move(body));
}
EventLoop::Watch EventLoop::writable(int fd, std::function<void()> callback) {
    auto body = watch(*this, fd, EV_WRITE, std::move(callback));
    begin_watching(*body);
    return Watch(std::move(body));
}

namespace {

sigset_t set_of(const std::vector<int>& numbers) {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : numbers) sigaddset(&set, number);
    return set;
}

}  // namespace

void EventLoop::keep_signals(const std::vector<int>& numbers) {
    const sigset_t set = set_of(numbers);
    sigprocmask(SIG_BLOCK, &set, nullptr);
}

EventLoop::Watch EventLoop::signals(const std::vector<int>& numbers, std::function<void(int)> callback) {
    keep_signals(numbers);
    const sigset_t set = set_of(numbers);
    Descriptor own(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
    if (!own) refuse("cannot receive signals");
    const int fd = own.get();
    auto body = watch(*this, fd, EV_READ, [fd, callback = std::move(callback)] {
        signalfd_siginfo info{};
        while (::read(fd, &info, sizeof info) == static_cast<ssize_t>(sizeof info))
            callback(static_cast<int>(info.ssi_signo));
    });
    body->own = std::move(own);
    begin_watching(*body);
    return Watch(std::move(body));
}

void EventLoop::on_failure(std::function<void(const std::string&)> report) { body_->report = std::move(report); }
void EventLoop::on_shortage(std::function<void(const std::string&)> report) {
    body_->shortage = std::move(report);
    if (!body_->why.empty()) tell_shortage(std::string(body_->why));
}

namespace {

std::string what_of(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "an exception of an unknown kind";
    }
}

}  // namespace

bool EventLoop::guard(const std::function<void()>& body) noexcept {
    try {
        body();
        return true;
    } catch (...) {
        const std::exception_ptr thrown = std::current_exception();
        try {
            if (body_->report) {
                body_->report(what_of(thrown));
                return false;
            }
        } catch (...) {
            return false;  // guard() never throws
        }
        if (!body_->unreported) body_->unreported = thrown;
        stop();
    }
    return false;
}

void EventLoop::run() {
    event_base_loop(body_->base, EVLOOP_NO_EXIT_ON_EMPTY);
    if (body_->unreported) std::rethrow_exception(std::exchange(body_->unreported, nullptr));
}
void EventLoop::stop() { event_base_loopbreak(body_->base); }
void EventLoop::stop_soon() {
    const timeval delay{0, 100'000};
    event_base_loopexit(body_->base, &delay);
}
event_base* EventLoop::base() const { return body_->base; }

namespace {

itimerspec absolute(std::chrono::nanoseconds at) {
    itimerspec spec{};
    spec.it_value.tv_sec = static_cast<time_t>(at.count() / 1'000'000'000);
    spec.it_value.tv_nsec = static_cast<long>(at.count() % 1'000'000'000);
    return spec;
}

}  // namespace

struct WallTimer::Body {
    Descriptor fd{::timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC)};
    EventLoop::Watch watch;
    std::chrono::nanoseconds ahead{0};
    std::optional<Instant> at;

    void set() const {
        // Without a due time the timer is armed for the far future, so that a change of the clock is noticed.
        constexpr Seconds never{100LL * 366 * 86400};
        const std::chrono::nanoseconds since_epoch = at ? at->time_since_epoch() : never;
        const itimerspec spec = absolute(std::max(since_epoch - ahead, std::chrono::nanoseconds{1}));
        (void)::timerfd_settime(fd.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &spec, nullptr);
    }
};

WallTimer::WallTimer(EventLoop& loop, std::chrono::nanoseconds ahead, std::function<void()> callback)
    : body_(std::make_unique<Body>()) {
    Body* body = body_.get();
    if (!body->fd) refuse("cannot create a timer");
    body->ahead = ahead;
    body->watch = loop.readable(body->fd.get(), [body, callback = std::move(callback)] {
        std::uint64_t count = 0;
        const ssize_t got = ::read(body->fd.get(), &count, sizeof count);
        const bool clock_was_set = got < 0 && errno == ECANCELED;
        if (got < 0 && !clock_was_set) return;
        body->at.reset();
        body->set();
        callback();
    });
    body->set();
}
WallTimer::~WallTimer() = default;

void WallTimer::arm(std::optional<Instant> at) {
    if (at == body_->at) return;
    body_->at = at;
    body_->set();
}

struct MonotonicTimer::Body {
    Descriptor fd{::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)};
    EventLoop::Watch watch;
    EventLoop* loop = nullptr;
    std::shared_ptr<std::function<void()>> callback;
    event* timeout = nullptr;  // used instead when no descriptor was available

    ~Body() {
        if (timeout) event_free(timeout);
    }
    std::optional<std::chrono::nanoseconds> due;
    void arm_timeout(std::optional<std::chrono::nanoseconds> at);
};

MonotonicTimer::MonotonicTimer(EventLoop& loop, std::function<void()> callback) : body_(std::make_unique<Body>()) {
    Body* body = body_.get();
    if (body->fd) {
        body->watch = loop.readable(body->fd.get(), [body, callback = std::move(callback)] {
            std::uint64_t count = 0;
            if (::read(body->fd.get(), &count, sizeof count) == static_cast<ssize_t>(sizeof count)) callback();
        });
        return;
    }
    body->loop = &loop;
    body->callback = std::make_shared<std::function<void()>>(std::move(callback));
    const auto call_timer = [](evutil_socket_t, short, void* argument) {
        auto& timer = *static_cast<Body*>(argument);
        // libevent counts from the last wakeup of its loop, which may have been long before the timer was armed.
        if (timer.due && monotonic_now().time_since_epoch() < *timer.due) return timer.arm_timeout(timer.due);
        EventLoop& on = *timer.loop;
        const auto copy = timer.callback;  // the callback may destroy its own timer
        on.guard(*copy);
    };
    body->timeout = event_new(loop.base(), -1, 0, call_timer, body);
    if (body->timeout == nullptr) throw std::bad_alloc();
}
MonotonicTimer::~MonotonicTimer() = default;

void MonotonicTimer::arm(std::optional<std::chrono::nanoseconds> at) {
    if (body_->timeout) return body_->arm_timeout(at);
    const itimerspec spec = at ? absolute(std::max(*at, std::chrono::nanoseconds{1})) : itimerspec{};
    (void)::timerfd_settime(body_->fd.get(), TFD_TIMER_ABSTIME, &spec, nullptr);
}

void MonotonicTimer::Body::arm_timeout(std::optional<std::chrono::nanoseconds> at) {
    due = at;
    if (!at) {
        event_del(timeout);
        return;
    }
    using std::chrono::microseconds;
    const auto left = std::chrono::ceil<microseconds>(*at - monotonic_now().time_since_epoch());
    const auto wait = std::max(left, microseconds{0}).count();
    const timeval after{static_cast<time_t>(wait / 1'000'000), static_cast<suseconds_t>(wait % 1'000'000)};
    (void)event_add(timeout, &after);
}

}  // namespace mc::os
