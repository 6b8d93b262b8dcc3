#include "exec/keeper_process.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <deque>
#include <map>
#include <variant>
#include <vector>

#include "exec/job_runner.h"
#include "exec/keeper_wire.h"
#include "os/obstacle.h"

namespace mc::os {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t queue_max = 256;               // requests read ahead
constexpr std::size_t batch = 32;                    // requests between two checks for ended children
constexpr std::size_t unsent_bytes_max = 16u << 20;  // a daemon that does not read is dropped; it has the files
constexpr timespec pause_without_descriptor{0, 100'000'000};
constexpr auto look_at_table_every = 100ms;  // while it is full: a warden may also release an entry
constexpr auto linger = 60s;                 // to wait for the next daemon when none is connected and no job runs

struct Client {
    Descriptor socket;  // empty once the connection is lost
    std::string received, unsent;
    bool greeted = false;
};

using Request = std::variant<Launch, wire::Signal, Question>;

class KeeperProcess {
   public:
    explicit KeeperProcess(KeeperHouse& house);
    void run();

   private:
    bool watch(int fd, std::uint32_t events, int how);
    int timeout_ms() const;
    bool needed() const;
    void dispatch(int fd, std::uint32_t events);
    void take_signals();
    void end_in_good_order();
    void retire();

    void accept_clients();
    void receive(Client& client);
    bool parse(Client& client);
    bool handle(Client& client, const wire::Message& message);
    bool greet(Client& client, const wire::Message& message);
    void flush(Client& client);
    void forget_repeated();
    void tell_all();
    void drop_broken_clients();

    void serve_queue();
    void serve_one();

    KeeperHouse& house_;
    JobRunner jobs_;
    Descriptor epoll_, signals_;
    std::map<int, Client> clients_;
    std::deque<Request> queue_;
    std::vector<JobRunner::Event> untold_;
    MonotonicTime idle_since_ = monotonic_now();
    bool retired_ = false;
    bool table_full_ = false;  // at the last launch, which is tried again with the next wake
};

KeeperProcess::KeeperProcess(KeeperHouse& house)
    : house_(house), jobs_(house.state_dir.get(), house.table), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    sigset_t wanted;
    ::sigemptyset(&wanted);
    for (const int number : {SIGCHLD, SIGTERM, warden_died_signal}) ::sigaddset(&wanted, number);
    signals_.reset(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!epoll_ || !signals_) ::_exit(1);  // it could receive nothing; its warden starts another one
    const bool watched =
        watch(signals_.get(), EPOLLIN, EPOLL_CTL_ADD) && watch(house_.listener.get(), EPOLLIN, EPOLL_CTL_ADD);
    if (!watched) ::_exit(1);
}

void KeeperProcess::run() {
    while (needed()) {
        std::array<epoll_event, 16> events{};
        const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout_ms());
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            dispatch(event.data.fd, event.events);
        }
        serve_queue();
        jobs_.answer(untold_);
        if (!jobs_.idle() && monotonic_now() >= jobs_.next_check()) jobs_.check(untold_);
        tell_all();
        drop_broken_clients();
    }
    end_in_good_order();
}

bool KeeperProcess::watch(int fd, std::uint32_t events, int how) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    return ::epoll_ctl(epoll_.get(), how, fd, &event) == 0;
}

int KeeperProcess::timeout_ms() const {
    if (!queue_.empty() && !table_full_) return 0;
    if (jobs_.idle() && !clients_.empty() && !table_full_) return -1;
    MonotonicTime until = jobs_.idle() ? idle_since_ + linger : jobs_.next_check();
    if (table_full_) until = std::min<MonotonicTime>(until, monotonic_now() + look_at_table_every);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - monotonic_now());
    return static_cast<int>(std::max(left, 0ms).count());
}

bool KeeperProcess::needed() const {
    if (!jobs_.idle()) return true;
    if (retired_) return false;
    return !queue_.empty() || !clients_.empty() || monotonic_now() < idle_since_ + linger;
}

void KeeperProcess::dispatch(int fd, std::uint32_t events) {
    if (fd == signals_.get()) return take_signals();
    if (fd == house_.listener.get()) return accept_clients();
    const auto client = clients_.find(fd);
    if (client == clients_.end()) return;
    if ((events & EPOLLOUT) != 0) flush(client->second);
    // With a full queue the rest stays in the socket until the queue has been served.
    if ((events & ~EPOLLOUT) != 0 && queue_.size() < queue_max) receive(client->second);
}

void KeeperProcess::take_signals() {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGTERM) end_in_good_order();
        if (info.ssi_signo == warden_died_signal) retire();
    }
    jobs_.reap(untold_);
}

// Removes the socket file at once: wardens still hold the listening socket, on which no process would answer.
void KeeperProcess::end_in_good_order() {
    const int state_dir = house_.state_dir.get();
    const bool ours = socket_identity(state_dir) == house_.socket_identity;
    if (ours && !retired_) ::unlinkat(state_dir, "keeper.sock", 0);
    retire();
}

// Daemons notice the closed connection and find or start another keeper; they follow our jobs by their files.
void KeeperProcess::retire() {
    if (retired_) return;
    retired_ = true;
    queue_.clear();
    clients_.clear();
    house_.listener.reset();
}

void KeeperProcess::accept_clients() {
    while (true) {
        Descriptor socket{::accept4(house_.listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
        // Waiting connections stay; without a pause epoll would report them again at once.
        const bool is_short = !socket && obstacle_of(errno) == Obstacle::now && errno != EAGAIN && errno != EINTR;
        if (is_short) ::nanosleep(&pause_without_descriptor, nullptr);
        if (!socket) return;
        const int fd = socket.get();
        if (!watch(fd, EPOLLIN, EPOLL_CTL_ADD)) return;  // the daemon notices the close and connects again
        clients_[fd] = Client{std::move(socket), {}, {}, false};
    }
}

void KeeperProcess::receive(Client& client) {
    std::array<char, 65536> buffer;
    const ssize_t got = ::recv(client.socket.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got > 0) client.received.append(buffer.data(), static_cast<std::size_t>(got));
    if (got <= 0 || !parse(client)) client.socket.reset();
}

bool KeeperProcess::parse(Client& client) {
    std::size_t offset = 0;
    bool broken = false;
    while (const auto message = wire::next_message(client.received, offset, broken)) {
        if (!handle(client, *message)) return false;
    }
    client.received.erase(0, offset);
    if (client.received.empty() && client.received.capacity() > 65536) client.received.shrink_to_fit();
    return !broken;
}

bool KeeperProcess::handle(Client& client, const wire::Message& message) {
    if (!client.greeted) return greet(client, message);
    switch (message.kind) {
        case wire::Kind::launch:
            if (auto wanted = wire::read_launch(message.body)) return queue_.emplace_back(*std::move(wanted)), true;
            return false;
        case wire::Kind::signal:
            if (auto wanted = wire::read_signal(message.body)) return queue_.emplace_back(*wanted), true;
            return false;
        case wire::Kind::ask:
            if (auto asked = wire::read_question(message.body)) return queue_.emplace_back(*std::move(asked)), true;
            return false;
        case wire::Kind::hello:
        case wire::Kind::ended:
        case wire::Kind::claimed:
        case wire::Kind::answer: return false;
    }
    return false;
}

// Answers every version, so that a daemon of another version learns why it is refused.
bool KeeperProcess::greet(Client& client, const wire::Message& message) {
    const auto hello = wire::read_hello(message.body);
    if (message.kind != wire::Kind::hello || !hello) return false;
    client.greeted = true;
    client.unsent += wire::hello_frame();
    flush(client);
    return client.socket && hello->version == wire::protocol_version;
}

void KeeperProcess::flush(Client& client) {
    const ssize_t sent = ::send(client.socket.get(), client.unsent.data(), client.unsent.size(), MSG_NOSIGNAL);
    if (sent > 0) client.unsent.erase(0, static_cast<std::size_t>(sent));
    const bool failed = sent < 0 && errno != EAGAIN && errno != EINTR;
    if (failed || client.unsent.size() > unsent_bytes_max) return client.socket.reset();
    const bool watched =
        watch(client.socket.get(), client.unsent.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
    if (!watched && !client.unsent.empty()) client.socket.reset();  // the daemon notices the close and connects again
}

// Two daemons, one after the other, may have requested the same attempt. When the daemon is told that it has not begun,
// it requests it again; an older request in the queue must not start it without the daemon's knowledge.
void KeeperProcess::forget_repeated() {
    for (const JobRunner::Event& event : untold_) {
        const auto* end = std::get_if<Ended>(&event);
        if (end == nullptr || !end->hindrance) continue;
        std::erase_if(queue_, [&](const Request& request) {
            const auto* wanted = std::get_if<Launch>(&request);
            return wanted != nullptr && wanted->run == end->run && wanted->attempt == end->attempt;
        });
    }
}

void KeeperProcess::tell_all() {
    if (untold_.empty()) return;
    forget_repeated();
    std::string frames;
    for (const JobRunner::Event& event : untold_) {
        frames += std::visit([](const auto& one) { return wire::frame(one); }, event);
    }
    untold_.clear();
    for (auto& [fd, client] : clients_) {
        if (!client.greeted || !client.socket) continue;
        client.unsent += frames;
        flush(client);
    }
}

void KeeperProcess::drop_broken_clients() {
    const bool served = !clients_.empty();
    std::erase_if(clients_, [](const auto& entry) { return !entry.second.socket; });
    if (served && clients_.empty()) idle_since_ = monotonic_now();
}

void KeeperProcess::serve_queue() {
    table_full_ = false;
    for (std::size_t served = 0; served < batch && !queue_.empty() && !table_full_; ++served) serve_one();
}

// Serves requests in their order. Consecutive signals are sent together, with one scan of /proc.
void KeeperProcess::serve_one() {
    if (const auto* wanted = std::get_if<Launch>(&queue_.front())) {
        table_full_ = !jobs_.launch(*wanted, untold_);
        if (!table_full_) queue_.pop_front();
        return;
    }
    if (auto* asked = std::get_if<Question>(&queue_.front())) {  // after the launch that it may be about
        jobs_.ask(std::move(*asked));
        return queue_.pop_front();
    }
    std::vector<wire::Signal> signals;
    while (!queue_.empty() && std::holds_alternative<wire::Signal>(queue_.front())) {
        signals.push_back(std::get<wire::Signal>(queue_.front()));
        queue_.pop_front();
    }
    jobs_.signal(signals);
}

}  // namespace

std::string socket_identity(int state_dir) {
    struct stat status {};
    if (::fstatat(state_dir, "keeper.sock", &status, 0) != 0) return {};
    return fmt::format("{}:{}", status.st_dev, status.st_ino);
}

void run_keeper(KeeperHouse& house) { KeeperProcess(house).run(); }

}  // namespace mc::os
