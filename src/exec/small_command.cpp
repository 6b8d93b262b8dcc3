#include "exec/small_command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <list>
#include <system_error>
#include <utility>
#include <vector>

#include "exec/spawn.h"
#include "os/clock.h"
#include "os/descriptor.h"
#include "os/obstacle.h"

namespace mc::os {

namespace {

std::string reason(int error) { return std::generic_category().message(error); }

// A child's failure, sent through a pipe that closes when the program is executed.
struct Failure {
    enum class Step : int { identity, directory, program } step = Step::program;
    int error = 0;
};

std::string text_of(const Failure& failure) {
    switch (failure.step) {
        case Failure::Step::identity: return "cannot switch to its user: " + reason(failure.error);
        case Failure::Step::directory: return "cannot enter its directory: " + reason(failure.error);
        case Failure::Step::program: break;
    }
    return failure.error == ENOENT ? "program not found" : "it cannot be executed: " + reason(failure.error);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (std::string& text : texts) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

// Prepared before the fork, because the child must not allocate memory.
struct Prepared {
    SmallCommand command;
    std::vector<std::string> programs;
    std::vector<char*> argv, env;
    pid_t parent;
    int failed;  // the pipe for a Failure

    Prepared(SmallCommand given, int pipe)
        : command(std::move(given)),
          programs(programs_of(command.launch)),
          argv(pointers(command.launch.argv)),
          env(pointers(command.launch.env)),
          parent(::getpid()),
          failed(pipe) {}
};

[[noreturn]] void give_up(const Prepared& made, Failure::Step step, int error) {
    const Failure failure{step, error};
    (void)!::write(made.failed, &failure, sizeof failure);
    ::_exit(127);
}

// System calls, because the C library's functions would synchronize with threads that do not exist in the child.
bool become_user(const Launch& launch) {
    if (!launch.uid) return true;
    const gid_t gid = launch.gid.value_or(static_cast<gid_t>(-1));
    return ::syscall(SYS_setgroups, launch.groups.size(), launch.groups.data()) == 0 &&
           ::syscall(SYS_setresgid, gid, gid, gid) == 0 &&
           ::syscall(SYS_setresuid, *launch.uid, *launch.uid, *launch.uid) == 0;
}

[[noreturn]] void execute(const Prepared& made) {
    int error = ENOENT;
    for (const std::string& program : made.programs) {
        (void)::execve(program.c_str(), made.argv.data(), made.env.data());
        if (errno == ENOENT || errno == ENOTDIR) continue;
        error = errno;
        if (error != EACCES) break;
    }
    give_up(made, Failure::Step::program, error);
}

// Runs in the child, which has a copy of our memory and one thread.
[[noreturn]] void run_child(const Prepared& made) {
    const Launch& launch = made.command.launch;
    struct sigaction plain {};
    plain.sa_handler = SIG_DFL;
    for (int number = 1; number <= SIGRTMAX; ++number) (void)::sigaction(number, &plain, nullptr);
    (void)::setsid();
    for (const auto& [from, to] :
         {std::pair{made.command.input, 0}, {made.command.output, 1}, {made.command.output, 2}})
        (void)::dup2(from, to);
    // Closed now, not by exec: the program or its directory may be on a file system that hangs.
    const auto kept = static_cast<unsigned>(made.failed);
    if (kept > 3) (void)::syscall(SYS_close_range, 3U, kept - 1, 0U);
    (void)::syscall(SYS_close_range, kept + 1, ~0U, 0U);
    if (launch.nice != 0) (void)::setpriority(PRIO_PROCESS, 0, ::getpriority(PRIO_PROCESS, 0) + launch.nice);
    if (!become_user(launch)) give_up(made, Failure::Step::identity, errno);
    (void)::umask(launch.umask);
    if (::chdir(launch.cwd.empty() ? "/" : launch.cwd.c_str()) != 0) give_up(made, Failure::Step::directory, errno);
    // After the change of user, which would reset it. The parent may have died before: checked below.
    (void)::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != made.parent) ::_exit(127);
    sigset_t none;
    ::sigemptyset(&none);
    (void)::sigprocmask(SIG_SETMASK, &none, nullptr);
    execute(made);
}

// The child's pid, or -errno.
pid_t fork_child(const Prepared& made) {
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t pid = ::fork();
    if (pid == 0) run_child(made);
    const int error = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return pid < 0 ? -error : pid;
}

struct Running {
    explicit Running(EventLoop& loop, std::function<void()> on_late) : late(loop, std::move(on_late)) {}
    pid_t pid = 0;
    Descriptor pidfd, failure;
    EventLoop::Watch ended;
    MonotonicTimer late;
    std::string kind;
    bool kill_rest = false;
    SmallCommands::Done done;  // empty: already called, and the program hangs
};

SmallEnd end_of(const Running& one, const siginfo_t& end) {
    Failure failure;
    if (::read(one.failure.get(), &failure, sizeof failure) == sizeof failure)
        return {{}, {}, false, text_of(failure), obstacle_of(failure.error) == Obstacle::now};
    if (end.si_code == CLD_EXITED) return {end.si_status, {}, false, ""};
    return {{}, end.si_status, false, ""};
}

}  // namespace

struct SmallCommands::Body {
    EventLoop& loop;
    std::chrono::seconds patience;
    std::list<Running> running;
    std::vector<std::pair<Done, SmallEnd>> failed;  // could not begin; answered from the loop
    MonotonicTimer telling;

    Body(EventLoop& on, std::chrono::seconds longest)
        : loop(on), patience(longest), telling(on, [this] {
              for (auto& [done, end] : std::exchange(failed, {})) done(std::move(end));
          }) {}
    ~Body() {
        for (const Running& one : running) {
            (void)::kill(-one.pid, SIGKILL);
            (void)::kill(one.pid, SIGKILL);  // it may not have its own group yet
        }
    }

    // Kills and reaps a child that cannot be watched. Returns -errno of the earlier failure.
    static int give_back(pid_t pid) {
        const int error = errno;
        (void)::kill(pid, SIGKILL);
        (void)::waitpid(pid, nullptr, 0);
        return -error;
    }

    // 0, or -errno; then `done` is unchanged.
    int begin(SmallCommand& command, Done& done) {
        const Descriptor null(::open("/dev/null", O_RDWR | O_CLOEXEC));
        std::array<int, 2> ends{};
        if (!null || ::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return -errno;
        Descriptor failure(ends[0]);
        const Descriptor theirs(ends[1]);
        if (command.input < 0) command.input = null.get();
        if (command.output < 0) command.output = null.get();
        const Prepared made(std::move(command), theirs.get());
        const pid_t pid = fork_child(made);
        if (pid < 0) return pid;
        Descriptor pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
        if (!pidfd) return give_back(pid);
        Running& one = running.emplace_back(loop, [this, pid] { be_late(pid); });
        one.pid = pid;
        one.kind = made.command.kind;
        one.kill_rest = made.command.kill_rest;
        one.done = std::move(done);
        one.failure = std::move(failure);
        one.pidfd = std::move(pidfd);
        one.ended = loop.readable(one.pidfd.get(), [this, pid] { finish(pid); });
        one.late.arm(monotonic_now().time_since_epoch() + patience);
        return 0;
    }

    std::list<Running>::iterator place_of(pid_t pid) {
        return std::find_if(running.begin(), running.end(), [&](const Running& one) { return one.pid == pid; });
    }

    void be_late(pid_t pid) {
        const auto place = place_of(pid);
        (void)::kill(-pid, SIGKILL);
        (void)::kill(pid, SIGKILL);
        const Done done = std::exchange(place->done, nullptr);
        done({{}, {}, true, ""});
    }

    // The rest of its group is killed before the child is reaped, so that the group's number still belongs to it.
    void finish(pid_t pid) {
        const auto place = place_of(pid);
        siginfo_t end{};
        const int seen = ::waitid(P_PID, static_cast<id_t>(pid), &end, WEXITED | WNOHANG | WNOWAIT);
        if (seen == 0 && end.si_pid == 0) return;
        if (seen == 0 && (place->kill_rest || !place->done)) (void)::kill(-pid, SIGKILL);
        if (seen == 0) (void)::waitid(P_PID, static_cast<id_t>(pid), &end, WEXITED | WNOHANG);
        const SmallEnd told = end_of(*place, end);
        const Done done = std::move(place->done);
        running.erase(place);
        if (done) done(told);
    }
};

SmallCommands::SmallCommands(EventLoop& loop, std::chrono::seconds patience)
    : body_(std::make_unique<Body>(loop, patience)) {}
SmallCommands::~SmallCommands() = default;

void SmallCommands::start(SmallCommand command, Done done) {
    const int error = body_->begin(command, done);
    if (error == 0) return;
    body_->failed.emplace_back(std::move(done),
                               SmallEnd{{}, {}, false, reason(-error), obstacle_of(-error) == Obstacle::now});
    body_->telling.arm(monotonic_now().time_since_epoch());
}

std::size_t SmallCommands::hanging() const {
    return static_cast<std::size_t>(
        std::count_if(body_->running.begin(), body_->running.end(), [](const Running& one) { return !one.done; }));
}

std::size_t SmallCommands::hanging(const std::string& kind) const {
    return static_cast<std::size_t>(std::count_if(body_->running.begin(), body_->running.end(),
                                                  [&](const Running& one) { return !one.done && one.kind == kind; }));
}

}  // namespace mc::os
