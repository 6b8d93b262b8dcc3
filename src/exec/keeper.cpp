#include "exec/keeper.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <thread>
#include <utility>

#include "exec/attempt_files.h"
#include "exec/keeper_wire.h"
#include "os/clock.h"
#include "os/descriptor.h"
#include "os/unix_socket.h"

namespace mc::os {

namespace {

using namespace std::chrono_literals;
using AttemptKey = std::pair<std::int64_t, int>;

constexpr auto hello_patience = 5s;  // a keeper that is being restarted answers within milliseconds
constexpr auto look_again_first = 5ms;
constexpr auto look_again_last = 1s;

tl::unexpected<Error> gone(const std::string& state) {
    return fail(Error::Kind::process, fmt::format("no keeper answers for the state directory {}", state));
}

std::string cannot_watch() { return fmt::format("cannot watch the keeper: {}", std::strerror(errno)); }

}  // namespace

struct Keeper::Body {
    // An attempt that this keeper may not hold: its process, and whether its files must be checked.
    struct Watched {
        pid_t pid = 0;
        Descriptor process;
        bool due = false;
    };

    std::string state;
    Descriptor socket, epoll{::epoll_create1(EPOLL_CLOEXEC)};
    Descriptor timer{::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)};
    std::string received, unsent;
    pid_t pid = 0;
    bool hung_up = false;  // before its hello
    std::map<AttemptKey, Watched> watched;
    std::vector<AttemptId> begun, unclear;
    std::vector<Answer> answers;
    std::vector<Ended> told_early;  // ends that arrived while waiting for answers
    std::map<int, AttemptKey> by_process;
    std::chrono::milliseconds look_again = look_again_first;

    bool poll_for(int fd, std::uint32_t events, int how) {
        epoll_event event{};
        event.events = events;
        event.data.fd = fd;
        return ::epoll_ctl(epoll.get(), how, fd, &event) == 0;
    }
    Result<void> greet(MonotonicTime until);
    Result<void> flush();
    Result<void> hang_up();
    bool receive();
    void watch(AttemptKey key);
    void unwatch(AttemptKey key);
    void look_in(std::chrono::milliseconds delay);
    void take_events();
    void look_at_due(std::vector<Ended>& ended);
    void parse(std::vector<Ended>& ended);
};

// Waits for the keeper's own hello: a listening socket alone may be a keeper that is being replaced.
Result<void> Keeper::Body::greet(MonotonicTime until) {
    unsent = wire::hello_frame();
    if (auto sent = flush(); !sent) {
        hung_up = true;
        return sent;
    }
    while (monotonic_now() < until) {
        pollfd waiting{socket.get(), POLLIN, 0};
        ::poll(&waiting, 1, static_cast<int>(std::chrono::milliseconds(hello_patience).count()));
        const bool open = receive();
        std::size_t offset = 0;
        bool broken = false;
        const auto message = wire::next_message(received, offset, broken);
        if (message) {
            const auto hello = wire::read_hello(message->body);
            const bool fits = message->kind == wire::Kind::hello && hello && hello->version == wire::protocol_version;
            if (!fits) return fail(Error::Kind::process, "the keeper of " + state + " has another version");
            pid = hello->pid;
            received.erase(0, offset);
            return {};
        }
        hung_up = !open;
        if (!open || broken) return gone(state);
    }
    return gone(state);
}

Result<void> Keeper::Body::flush() {
    while (!unsent.empty()) {
        const ssize_t sent = ::send(socket.get(), unsent.data(), unsent.size(), MSG_NOSIGNAL);
        if (sent > 0) {
            unsent.erase(0, static_cast<std::size_t>(sent));
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return hang_up();
        break;
    }
    if (!poll_for(socket.get(), unsent.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD) && !unsent.empty())
        return hang_up();
    return {};
}

// After a failure such as ENOBUFS, unsent bytes would wait for a call that may never come. Closing makes the descriptor
// readable, the next read() fails, and the caller connects again and repeats its requests.
Result<void> Keeper::Body::hang_up() {
    ::shutdown(socket.get(), SHUT_RDWR);
    return gone(state);
}

// False when the keeper has closed the connection.
bool Keeper::Body::receive() {
    std::array<char, 65536> buffer;
    while (true) {
        const ssize_t got = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
        if (got > 0) {
            received.append(buffer.data(), static_cast<std::size_t>(got));
            continue;
        }
        if (got < 0 && errno == EINTR) continue;
        return got < 0 && errno == EAGAIN;
    }
}

void Keeper::Body::watch(AttemptKey key) {
    const Descriptor dir{::open(state.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    const auto claim = read_claim(dir.get(), key.first, key.second);
    const auto before = watched.find(key);
    if (before != watched.end() && (!claim || claim->pid == before->second.pid)) return;
    unwatch(key);
    Watched& one = watched[key];
    one.pid = claim ? claim->pid : 0;
    if (claim && claim->pid > 0) one.process.reset(static_cast<int>(::syscall(SYS_pidfd_open, claim->pid, 0)));
    // First opened, then compared: the number may have passed to another process in between.
    // If the process cannot be watched because of a shortage, its files are checked instead.
    if (one.process && lives(*claim) && poll_for(one.process.get(), EPOLLIN, EPOLL_CTL_ADD)) {
        by_process[one.process.get()] = key;
        return;
    }
    one.process.reset();
    one.due = true;
    look_in(0ms);
}

void Keeper::Body::unwatch(AttemptKey key) {
    const auto found = watched.find(key);
    if (found == watched.end()) return;
    if (const int process = found->second.process.get(); process >= 0) {
        // Removed from the epoll set before it is closed, because a child before its exec may hold a copy of it.
        poll_for(process, 0, EPOLL_CTL_DEL);
        by_process.erase(process);
    }
    watched.erase(found);
}

void Keeper::Body::look_in(std::chrono::milliseconds delay) {
    itimerspec when{};
    when.it_value.tv_sec = delay / 1s;
    when.it_value.tv_nsec = std::max(1L, std::chrono::nanoseconds(delay % 1s).count());
    ::timerfd_settime(timer.get(), 0, &when, nullptr);
}

// When a process ends, its end is not recorded yet: its files are checked from now on, with growing pauses.
void Keeper::Body::take_events() {
    std::array<epoll_event, 64> events{};
    const int count = ::epoll_wait(epoll.get(), events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < count; ++i) {
        const auto found = by_process.find(events[static_cast<std::size_t>(i)].data.fd);
        if (found == by_process.end()) continue;
        Watched& one = watched.at(found->second);
        poll_for(found->first, 0, EPOLL_CTL_DEL);
        by_process.erase(found);
        one.process.reset();
        one.due = true;
        look_again = look_again_first;
    }
    std::uint64_t expirations = 0;
    while (::read(timer.get(), &expirations, sizeof expirations) > 0) {
    }
}

void Keeper::Body::look_at_due(std::vector<Ended>& ended) {
    std::vector<AttemptKey> known;
    bool waiting = false;
    for (const auto& [key, one] : watched) {
        if (!one.due) continue;
        AttemptState now = attempt_state(state, key.first, key.second);
        if (now.kind == AttemptState::Kind::running) {
            waiting = true;
            continue;
        }
        known.push_back(key);
        // Absent: another start of it was withdrawn, or its record was removed and its end is not recorded yet.
        const bool is_over = now.kind == AttemptState::Kind::ended || now.kind == AttemptState::Kind::unknown;
        if (!is_over) {
            unclear.push_back({key.first, key.second});
            continue;
        }
        now.ended.run = key.first;
        now.ended.attempt = key.second;
        ended.push_back(std::move(now.ended));
    }
    for (const AttemptKey& key : known) unwatch(key);
    if (!waiting) return;
    look_in(look_again);
    look_again = std::min<std::chrono::milliseconds>(look_again * 2, look_again_last);
}

void Keeper::Body::parse(std::vector<Ended>& ended) {
    std::size_t offset = 0;
    bool broken = false;
    while (const auto message = wire::next_message(received, offset, broken)) {
        if (message->kind == wire::Kind::ended) {
            if (auto one = wire::read_ended(message->body)) ended.push_back(*std::move(one));
        }
        if (message->kind == wire::Kind::claimed) {
            if (const auto one = wire::read_claimed(message->body)) begun.push_back({one->run, one->attempt});
        }
        if (message->kind == wire::Kind::answer) {
            if (const auto one = wire::read_answer(message->body)) answers.push_back(*one);
        }
    }
    received.erase(0, offset);
    for (const Ended& one : ended) unwatch({one.run, one.attempt});
}

Keeper::Keeper(std::unique_ptr<Body> body) : body_(std::move(body)) {}
Keeper::~Keeper() = default;
Keeper::Keeper(Keeper&&) noexcept = default;
Keeper& Keeper::operator=(Keeper&&) noexcept = default;

Result<Keeper> Keeper::connect(const std::string& state) {
    const MonotonicTime until = monotonic_now() + hello_patience;
    while (true) {
        Descriptor socket = connect_unix(state + "/keeper.sock");
        if (!socket) return gone(state);
        ::fcntl(socket.get(), F_SETFL, O_NONBLOCK);
        auto body = std::make_unique<Body>();
        if (!body->epoll || !body->timer) return fail(Error::Kind::resources, cannot_watch());
        body->state = state;
        body->socket = std::move(socket);
        const bool watched = body->poll_for(body->socket.get(), EPOLLIN, EPOLL_CTL_ADD) &&
                             body->poll_for(body->timer.get(), EPOLLIN, EPOLL_CTL_ADD);
        if (!watched) return fail(Error::Kind::resources, cannot_watch());
        const auto greeted = body->greet(until);
        if (greeted) return Keeper(std::move(body));
        // If a keeper is killed before its hello, its warden starts another one on the same socket.
        if (!body->hung_up || monotonic_now() >= until) return tl::unexpected(greeted.error());
        std::this_thread::sleep_for(look_again_first);
    }
}

int Keeper::fd() const { return body_->epoll.get(); }
int Keeper::pid() const { return body_->pid; }

Result<void> Keeper::launch(const std::vector<Launch>& launches) {
    for (const Launch& one : launches) body_->unsent += wire::frame(one);
    return body_->flush();
}

Result<void> Keeper::signal(std::int64_t run, int attempt, int number, const std::string& identity) {
    body_->unsent += wire::frame(wire::Signal{run, attempt, number, identity});
    return body_->flush();
}

Result<void> Keeper::ask(const std::vector<Question>& questions) {
    for (const Question& one : questions) body_->unsent += wire::frame(one);
    return body_->flush();
}

void Keeper::watch(std::int64_t run, int attempt) { body_->watch({run, attempt}); }

std::vector<Answer> Keeper::ask_now(const std::vector<Question>& questions, std::chrono::milliseconds patience) {
    if (questions.empty() || !ask(questions)) return {};
    const MonotonicTime until = monotonic_now() + patience;
    std::vector<Answer> all;
    std::size_t told = 0;
    while (all.size() + told < questions.size() && monotonic_now() < until) {
        pollfd waiting{body_->epoll.get(), POLLIN, 0};
        ::poll(&waiting, 1, static_cast<int>(patience.count()));
        auto ended = read();
        if (!ended) break;
        told += ended->size();
        body_->told_early.insert(body_->told_early.end(), ended->begin(), ended->end());
        const std::vector<Answer> more = take_answers();
        all.insert(all.end(), more.begin(), more.end());
    }
    body_->look_in(0ms);  // makes the descriptor readable for the ends in told_early
    return all;
}

Result<std::vector<Ended>> Keeper::read() {
    std::vector<Ended> ended = std::exchange(body_->told_early, {});
    const bool open = body_->receive();
    body_->parse(ended);
    body_->take_events();
    body_->look_at_due(ended);
    if (!ended.empty()) return ended;
    if (!open || !body_->flush()) return gone(body_->state);
    return ended;
}

std::vector<AttemptId> Keeper::take_begun() { return std::exchange(body_->begun, {}); }

std::vector<Answer> Keeper::take_answers() { return std::exchange(body_->answers, {}); }

std::vector<AttemptId> Keeper::take_unclear() { return std::exchange(body_->unclear, {}); }

}  // namespace mc::os
