#include "os/mailer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <deque>
#include <list>
#include <system_error>

#include "os/clock.h"
#include "os/descriptor.h"
#include "os/user.h"

namespace mc::os {

namespace {

constexpr std::size_t running_max = 4;
constexpr std::size_t text_max = 4096;
constexpr std::size_t at_once = 65536;  // bytes read before others have their turn

std::string reason(int error) { return std::generic_category().message(error); }

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t put = ::write(fd, text.data(), text.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
}

std::vector<std::string> environment() {
    const User self = current_user().value_or(User{});
    return {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=" + self.home,
            "USER=" + self.name, "LOGNAME=" + self.name, "LANG=C.UTF-8"};
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (std::string& text : texts) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

// Its pid; or what hindered it, as -errno.
pid_t start(std::vector<std::string> argv, int input, int output) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawnattr_init(&how);
    ::posix_spawn_file_actions_addchdir_np(&files, "/");
    ::posix_spawn_file_actions_adddup2(&files, input, 0);
    ::posix_spawn_file_actions_adddup2(&files, output, 1);
    ::posix_spawn_file_actions_adddup2(&files, output, 2);
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&how, &none);
    ::posix_spawnattr_setsigdefault(&how, &all);
    ::posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::vector<std::string> env = environment();
    pid_t pid = 0;
    const int error =
        ::posix_spawnp(&pid, argv.front().c_str(), &files, &how, pointers(argv).data(), pointers(env).data());
    ::posix_spawnattr_destroy(&how);
    ::posix_spawn_file_actions_destroy(&files);
    return error == 0 ? pid : -error;
}

struct Letter {
    std::vector<std::string> argv;
    std::string message;
    Mailer::Done done;
};

// One program under way.
struct Running {
    explicit Running(EventLoop& loop, std::function<void()> on_late) : late(loop, std::move(on_late)) {}
    pid_t pid = 0;
    Descriptor pidfd, output;
    EventLoop::Watch ended, printed;
    MonotonicTimer late;
    bool too_late = false;
    std::string text;
    Mailer::Done done;
};

}  // namespace

struct Mailer::Body {
    EventLoop& loop;
    std::chrono::seconds patience;
    std::deque<Letter> waiting;
    std::list<Running> running;
    std::vector<std::pair<Done, MailerEnd>> failed;  // could not begin; told from the loop
    MonotonicTimer telling;

    Body(EventLoop& on, std::chrono::seconds longest)
        : loop(on), patience(longest), telling(on, [this] { tell_failed(); }) {}
    void begin_next();
    std::string begin(Letter& letter);
    void read_output(Running& one);
    void finish(Running& one);
    void tell_failed();
};

void Mailer::Body::begin_next() {
    while (!waiting.empty() && running.size() < running_max) {
        Letter letter = std::move(waiting.front());
        waiting.pop_front();
        const std::string trouble = begin(letter);
        if (trouble.empty()) continue;
        failed.emplace_back(std::move(letter.done), MailerEnd{{}, trouble});
        telling.arm(monotonic_now().time_since_epoch());
    }
}

// "" or why it could not begin.
std::string Mailer::Body::begin(Letter& letter) {
    const Descriptor message(::memfd_create("mail", MFD_CLOEXEC));
    if (!message || !write_all(message.get(), letter.message) || ::lseek(message.get(), 0, SEEK_SET) != 0)
        return "no room for the message: " + reason(errno);
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return "no pipe for the mailer: " + reason(errno);
    Descriptor output(ends[0]);
    const Descriptor theirs(ends[1]);
    (void)::fcntl(theirs.get(), F_SETFL, 0);  // their end waits as programs expect
    const pid_t pid = start(letter.argv, message.get(), theirs.get());
    if (pid < 0) return fmt::format("{} cannot be executed: {}", letter.argv.front(), reason(-pid));

    const auto place = running.emplace(running.end(), loop, [this, pid] {
        for (Running& one : running)
            if (one.pid == pid) one.too_late = true;
        (void)::kill(-pid, SIGKILL);
    });
    place->pid = pid;
    place->done = std::move(letter.done);
    place->output = std::move(output);
    place->pidfd = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    place->printed = loop.readable(place->output.get(), [this, place] { read_output(*place); });
    place->ended = loop.readable(place->pidfd.get(), [this, place] { finish(*place); });
    place->late.arm(monotonic_now().time_since_epoch() + patience);
    return "";
}

void Mailer::Body::read_output(Running& one) {
    std::array<char, at_once> buffer;
    const ssize_t got = ::read(one.output.get(), buffer.data(), buffer.size());
    if (got > 0) one.text.append(buffer.data(), std::min(static_cast<std::size_t>(got), text_max - one.text.size()));
    else if (got == 0 || errno != EAGAIN) one.printed = {};
}

void Mailer::Body::finish(Running& one) {
    siginfo_t end{};
    if (::waitid(P_PID, static_cast<id_t>(one.pid), &end, WEXITED | WNOHANG) != 0 || end.si_pid == 0) return;
    read_output(one);
    MailerEnd answer{{}, std::move(one.text)};
    if (one.too_late) answer.text = fmt::format("the mailer did not end within {} s", patience.count());
    else if (end.si_code == CLD_EXITED) answer.exit_code = end.si_status;
    else answer.text = fmt::format("the mailer was ended by signal {}", end.si_status);
    const Done done = std::move(one.done);
    running.remove_if([&](const Running& each) { return &each == &one; });
    begin_next();
    done(std::move(answer));
}

void Mailer::Body::tell_failed() {
    for (auto& [done, end] : std::exchange(failed, {})) done(std::move(end));
}

Mailer::Mailer(EventLoop& loop, std::chrono::seconds patience) : body_(std::make_unique<Body>(loop, patience)) {}
Mailer::~Mailer() {
    for (const Running& one : body_->running) (void)::kill(-one.pid, SIGKILL);
}

void Mailer::send(std::vector<std::string> argv, std::string message, Done done) {
    body_->waiting.push_back({std::move(argv), std::move(message), std::move(done)});
    body_->begin_next();
}

}  // namespace mc::os
