#include "os/event_loop.h"

#include <event2/event.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <exception>

#include "os/descriptor.h"

namespace mc::os {

struct EventLoop::Body {
    event_base* base = nullptr;
    std::function<void(const std::string&)> report;
    std::exception_ptr unreported;
};

struct EventLoop::Watch::Body {
    event* registered = nullptr;
    Descriptor own;  // a signalfd, where the watch owns one
    EventLoop* loop = nullptr;
    std::shared_ptr<std::function<void()>> callback;

    ~Body() {
        if (registered) event_free(registered);
    }
};

namespace {

void call(evutil_socket_t, short, void* argument) {
    // Copies, so that a callback may destroy its own watch.
    const auto& watch = *static_cast<EventLoop::Watch::Body*>(argument);
    EventLoop& loop = *watch.loop;
    const auto callback = watch.callback;
    loop.guard(*callback);
}

std::unique_ptr<EventLoop::Watch::Body> watch(EventLoop& loop, int fd, short what, std::function<void()> callback) {
    auto body = std::make_unique<EventLoop::Watch::Body>();
    body->loop = &loop;
    body->callback = std::make_shared<std::function<void()>>(std::move(callback));
    body->registered = event_new(loop.base(), fd, static_cast<short>(what | EV_PERSIST), call, body.get());
    check(body->registered && event_add(body->registered, nullptr) == 0, "a descriptor can be watched");
    return body;
}

}  // namespace

EventLoop::EventLoop() : body_(std::make_unique<Body>()) {
    body_->base = event_base_new();
    check(body_->base != nullptr, "an event loop can be made");
}
EventLoop::~EventLoop() { event_base_free(body_->base); }

EventLoop::Watch::Watch() = default;
EventLoop::Watch::Watch(std::unique_ptr<Body> body) : body_(std::move(body)) {}
EventLoop::Watch::~Watch() = default;
EventLoop::Watch::Watch(Watch&&) noexcept = default;
EventLoop::Watch& EventLoop::Watch::operator=(Watch&&) noexcept = default;

EventLoop::Watch EventLoop::readable(int fd, std::function<void()> callback) {
    return Watch(watch(*this, fd, EV_READ, std::move(callback)));
}
EventLoop::Watch EventLoop::writable(int fd, std::function<void()> callback) {
    return Watch(watch(*this, fd, EV_WRITE, std::move(callback)));
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
    const int fd = own.get();
    auto body = watch(*this, fd, EV_READ, [fd, callback = std::move(callback)] {
        signalfd_siginfo info{};
        while (::read(fd, &info, sizeof info) == static_cast<ssize_t>(sizeof info))
            callback(static_cast<int>(info.ssi_signo));
    });
    body->own = std::move(own);
    return Watch(std::move(body));
}

void EventLoop::on_failure(std::function<void(const std::string&)> report) { body_->report = std::move(report); }

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
            return false;  // as it promises
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
        // A timer in the far future is armed even with nothing due, so that a set clock is noticed.
        constexpr Seconds never{100LL * 366 * 86400};
        const std::chrono::nanoseconds since_epoch = at ? at->time_since_epoch() : never;
        const itimerspec spec = absolute(std::max(since_epoch - ahead, std::chrono::nanoseconds{1}));
        (void)::timerfd_settime(fd.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &spec, nullptr);
    }
};

WallTimer::WallTimer(EventLoop& loop, std::chrono::nanoseconds ahead, std::function<void()> callback)
    : body_(std::make_unique<Body>()) {
    Body* body = body_.get();
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
};

MonotonicTimer::MonotonicTimer(EventLoop& loop, std::function<void()> callback) : body_(std::make_unique<Body>()) {
    Body* body = body_.get();
    body->watch = loop.readable(body->fd.get(), [body, callback = std::move(callback)] {
        std::uint64_t count = 0;
        if (::read(body->fd.get(), &count, sizeof count) == static_cast<ssize_t>(sizeof count)) callback();
    });
}
MonotonicTimer::~MonotonicTimer() = default;

void MonotonicTimer::arm(std::optional<std::chrono::nanoseconds> at) {
    const itimerspec spec = at ? absolute(std::max(*at, std::chrono::nanoseconds{1})) : itimerspec{};
    (void)::timerfd_settime(body_->fd.get(), TFD_TIMER_ABSTIME, &spec, nullptr);
}

}  // namespace mc::os
