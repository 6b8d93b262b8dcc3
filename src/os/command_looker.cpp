#include "os/command_looker.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <deque>
#include <list>
#include <system_error>

#include "os/clock.h"
#include "os/descriptor.h"

namespace mc::os {

namespace {

constexpr std::size_t running_max = 8;
// As a shell has them, so that a missing program reads alike whoever misses it.
constexpr int cannot_execute = 126, no_such_program = 127, cannot_become = 125;

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (std::string& text : texts) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

// In the child, which has our memory's copy and one thread. The kernel is asked directly where the C library
// would ask threads that are not there.
[[noreturn]] void become(const Launch& command, char* const* argv, char** env, int null) {
    struct sigaction plain {};
    plain.sa_handler = SIG_DFL;
    for (int number = 1; number < SIGRTMAX; ++number) (void)::sigaction(number, &plain, nullptr);
    (void)::setsid();
    for (const int to : {0, 1, 2}) (void)::dup2(null, to);
    if (command.nice != 0) (void)::setpriority(PRIO_PROCESS, 0, ::getpriority(PRIO_PROCESS, 0) + command.nice);
    if (command.uid) {
        const gid_t gid = command.gid.value_or(static_cast<gid_t>(-1));
        if (::syscall(SYS_setgroups, command.groups.size(), command.groups.data()) != 0 ||
            ::syscall(SYS_setresgid, gid, gid, gid) != 0 ||
            ::syscall(SYS_setresuid, *command.uid, *command.uid, *command.uid) != 0)
            ::_exit(cannot_become);
    }
    (void)::umask(command.umask);
    if (::chdir(command.cwd.empty() ? "/" : command.cwd.c_str()) != 0) ::_exit(cannot_become);
    ::environ = env;
    sigset_t none;
    ::sigemptyset(&none);
    (void)::sigprocmask(SIG_SETMASK, &none, nullptr);
    (void)::execvp(argv[0], argv);
    ::_exit(errno == ENOENT ? no_such_program : cannot_execute);
}

// Its pid, or -errno.
pid_t start(Launch command) {
    const Descriptor null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!null) return -errno;
    const std::vector<char*> argv = pointers(command.argv);
    std::vector<char*> env = pointers(command.env);
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t pid = ::fork();
    if (pid == 0) become(command, argv.data(), env.data(), null.get());
    const int error = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return pid < 0 ? -error : pid;
}

CommandSeen seen_of(const siginfo_t& end, bool too_late, std::chrono::seconds patience) {
    if (too_late) return {false, fmt::format("it did not end within {} s", patience.count())};
    if (end.si_code != CLD_EXITED) return {false, fmt::format("it was ended by signal {}", end.si_status)};
    switch (end.si_status) {
        case 0: return {true, ""};
        case 1: return {};
        case cannot_become: return {false, "exit code 125: its user or its directory cannot be had"};
        case cannot_execute: return {false, "exit code 126: it cannot be executed"};
        case no_such_program: return {false, "exit code 127: there is no such program"};
        default: return {false, fmt::format("exit code {}", end.si_status)};
    }
}

struct Running {
    explicit Running(EventLoop& loop, std::function<void()> on_late) : late(loop, std::move(on_late)) {}
    pid_t pid = 0;
    Descriptor pidfd;
    EventLoop::Watch ended;
    MonotonicTimer late;
    bool too_late = false;
    CommandLooker::Done done;
};

}  // namespace

struct CommandLooker::Body {
    EventLoop& loop;
    std::chrono::seconds patience;
    std::deque<std::pair<Launch, Done>> waiting;
    std::list<Running> running;
    std::vector<std::pair<Done, CommandSeen>> failed;  // could not begin; told from the loop
    MonotonicTimer telling;

    Body(EventLoop& on, std::chrono::seconds longest)
        : loop(on), patience(longest), telling(on, [this] {
              for (auto& [done, seen] : std::exchange(failed, {})) done(std::move(seen));
          }) {}

    void begin_next() {
        while (!waiting.empty() && running.size() < running_max) {
            auto [command, done] = std::move(waiting.front());
            waiting.pop_front();
            begin(std::move(command), std::move(done));
        }
    }

    void begin(Launch command, Done done) {
        const pid_t pid = start(std::move(command));
        if (pid < 0) {
            failed.emplace_back(std::move(done), CommandSeen{false, std::generic_category().message(-pid)});
            return telling.arm(monotonic_now().time_since_epoch());
        }
        const auto place = running.emplace(running.end(), loop, [this, pid] {
            for (Running& one : running)
                if (one.pid == pid) one.too_late = true;
            (void)::kill(-pid, SIGKILL);
            (void)::kill(pid, SIGKILL);  // it may not have its own group yet
        });
        place->pid = pid;
        place->done = std::move(done);
        place->pidfd = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
        place->ended = loop.readable(place->pidfd.get(), [this, place] { finish(place); });
        place->late.arm(monotonic_now().time_since_epoch() + patience);
    }

    void finish(std::list<Running>::iterator place) {
        siginfo_t end{};
        if (::waitid(P_PID, static_cast<id_t>(place->pid), &end, WEXITED | WNOHANG) != 0 || end.si_pid == 0) return;
        const CommandSeen seen = seen_of(end, place->too_late, patience);
        const Done done = std::move(place->done);
        running.erase(place);
        begin_next();
        done(seen);
    }
};

CommandLooker::CommandLooker(EventLoop& loop, std::chrono::seconds patience)
    : body_(std::make_unique<Body>(loop, patience)) {}
CommandLooker::~CommandLooker() {
    for (const Running& one : body_->running) (void)::kill(-one.pid, SIGKILL);
}

void CommandLooker::look(Launch command, Done done) {
    body_->waiting.emplace_back(std::move(command), std::move(done));
    body_->begin_next();
}

}  // namespace mc::os
