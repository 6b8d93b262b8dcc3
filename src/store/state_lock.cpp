#include "store/state_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <utility>

namespace mc {
namespace {

struct flock whole_file() {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return lock;
}

tl::unexpected<Error> cannot(const std::string& path) {
    return fail(Error::Kind::store, fmt::format("{} cannot be locked: {}", path, std::strerror(errno)),
                "[daemon] state must name a directory that the daemon's user can write");
}

// The process that holds the lock of the directory, from /proc/locks: "3: FLOCK  ADVISORY  WRITE 517 fe:00:1234 0 EOF".
// 0: not known.
pid_t holder_of(int directory) {
    struct stat status {};
    if (fstat(directory, &status) != 0) return 0;
    const std::string place =
        fmt::format(" {:02x}:{:02x}:{} ", major(status.st_dev), minor(status.st_dev), status.st_ino);
    std::ifstream locks("/proc/locks");
    for (std::string line; std::getline(locks, line);) {
        if (line.find("FLOCK") == std::string::npos || line.find(place) == std::string::npos) continue;
        const auto end = line.find(place), begin = line.rfind(' ', end - 1);
        if (begin != std::string::npos) return std::atoi(line.c_str() + begin);
    }
    return 0;
}

tl::unexpected<Error> taken(const std::string& directory, pid_t holder) {
    const std::string who = holder > 0 ? fmt::format("process {}", holder) : "another process";
    return fail(Error::Kind::store,
                fmt::format("another daemon already uses the state directory {}: {}", directory, who),
                "stop that daemon, or set a separate [daemon] state for this one");
}

pid_t holder_of_file(int fd) {
    struct flock holder = whole_file();
    const bool known = fcntl(fd, F_GETLK, &holder) == 0 && holder.l_type != F_UNLCK;
    return known ? holder.l_pid : 0;
}

// False: another process holds the lock. Waits for children of a killed daemon that have not executed their program
// yet.
bool take_directory(int fd) {
    constexpr int tries = 50;
    constexpr useconds_t pause = 20'000;
    for (int n = 0; n < tries; ++n) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return true;
        usleep(pause);
    }
    return false;
}

// The descriptor that a forked child closes: it shares its parent's lock of the directory until both have closed it.
int directory_to_leave = -1;
void leave_directory() {
    if (directory_to_leave >= 0) close(directory_to_leave);
    directory_to_leave = -1;
}
void leave_directory_in_children(int fd) {
    static const bool once = pthread_atfork(nullptr, nullptr, leave_directory) == 0;
    if (once) directory_to_leave = fd;
}

}  // namespace

StateLock::StateLock(StateLock&& other) noexcept
    : file_(std::exchange(other.file_, -1)), directory_(std::exchange(other.directory_, -1)) {}

StateLock::~StateLock() {
    if (file_ >= 0) close(file_);
    if (directory_ < 0) return;
    if (directory_to_leave == directory_) directory_to_leave = -1;
    close(directory_);
}

Result<StateLock> lock_state(const std::string& directory) {
    StateLock lock;
    const std::string path = directory + "/daemon.lock";
    lock.file_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock.file_ < 0) return cannot(path);
    struct flock wanted = whole_file();
    if (fcntl(lock.file_, F_SETLK, &wanted) != 0)
        return errno == EAGAIN || errno == EACCES ? taken(directory, holder_of_file(lock.file_)) : cannot(path);
    // Some network file systems do not support locks of directories; then only the file is locked.
    lock.directory_ = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock.directory_ >= 0 && !take_directory(lock.directory_)) return taken(directory, holder_of(lock.directory_));
    leave_directory_in_children(lock.directory_);
    const std::string id = fmt::format("{}\n", getpid());
    if (ftruncate(lock.file_, 0) != 0 || write(lock.file_, id.data(), id.size()) < 0) return cannot(path);
    return lock;
}

}  // namespace mc
