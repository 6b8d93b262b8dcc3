#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "exec/keeper.h"
#include "exec/warden.h"
#include "os/unix_socket.h"

namespace mc::os {

namespace {

tl::unexpected<Error> failed(const std::string& doing) {
    return fail(Error::Kind::process, fmt::format("cannot {}: {}", doing, std::strerror(errno)));
}

constexpr int moved_to = 100;  // temporary numbers from here on, so that 0 to 4 are free
constexpr rlim_t descriptors_least = 128;

// Closes all descriptors of the daemon except the house's two, which become 3 and 4.
void leave_daemon(KeeperHouse& house) {
    ::setsid();
    ::umask(077);
    if (::chdir("/") != 0) ::_exit(1);
    sigset_t all;
    ::sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, nullptr);
    for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
    const int state_dir = ::fcntl(house.state_dir.get(), F_DUPFD_CLOEXEC, moved_to);
    const int listener = ::fcntl(house.listener.get(), F_DUPFD_CLOEXEC, moved_to);
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int stream = 0; stream < 3; ++stream) ::dup2(null, stream);
    house.state_dir.release();
    house.listener.release();
    house.state_dir.reset(::dup3(state_dir, 3, O_CLOEXEC));
    house.listener.reset(::dup3(listener, 4, O_CLOEXEC));
    ::syscall(SYS_close_range, 5u, ~0u, 0u);
}

// Asks ext4 to place the directories in `runs` far from each other: it does not reuse inodes of files deleted in the
// last minutes, but checks each of them every time (docs/adr/0006). Other file systems do not need this.
void spread_directories(int runs) {
    int flags = 0;
    if (::ioctl(runs, FS_IOC_GETFLAGS, &flags) != 0) return;
    flags |= FS_TOPDIR_FL;
    ::ioctl(runs, FS_IOC_SETFLAGS, &flags);
}

Result<void> make_runs(int state_dir, const std::string& state) {
    if (::mkdirat(state_dir, "runs", 0700) != 0 && errno != EEXIST) return failed("create " + state + "/runs");
    const Descriptor runs{::openat(state_dir, "runs", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    spread_directories(runs.get());
    return {};
}

Result<void> may_open_enough() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= descriptors_least) return {};
    return fail(Error::Kind::resources,
                fmt::format("a process may open only {} files, too few for the keeper", limit.rlim_cur),
                fmt::format("allow {} or more with `ulimit -n` or LimitNOFILE= in the unit", descriptors_least));
}

// Forked twice, so that the daemon does not have to reap the warden.
Result<void> fork_wardens(KeeperHouse house) {
    const pid_t child = ::fork();
    if (child < 0) return failed("start the keeper");
    if (child > 0) {
        int status = 0;
        while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
        }
        errno = WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
        return errno == 0 ? Result<void>{} : failed("start the keeper");
    }
    const pid_t warden = ::fork();
    if (warden != 0) ::_exit(warden < 0 ? errno : 0);
    leave_daemon(house);
    run_wardens(house);
}

}  // namespace

Result<void> start_keeper(const std::string& state) {
    Descriptor state_dir{::open(state.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!state_dir) return failed(fmt::format("open the state directory {}", state));
    if (auto made = make_runs(state_dir.get(), state); !made) return made;
    // With this lock, two daemons that start at the same time get one keeper. It is released with the descriptor. The
    // lock on the state directory itself is the daemon's (store/state_lock.h).
    const Descriptor lock{::openat(state_dir.get(), "runs", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    ::flock(lock.get(), LOCK_EX);
    if (Keeper::connect(state)) return {};
    if (auto enough = may_open_enough(); !enough) return enough;
    auto table = AttemptTable::make();
    if (!table) return tl::unexpected(table.error());
    // In the opened directory, even if its path names another one by now.
    auto listener = listen_unix(fmt::format("/proc/self/fd/{}/keeper.sock", state_dir.get()), 0600);
    if (!listener) return failed(fmt::format("listen on {}/keeper.sock", state));
    const std::string identity = socket_identity(state_dir.get());
    return fork_wardens({std::move(state_dir), *std::move(listener), *std::move(table), identity});
}

}  // namespace mc::os
