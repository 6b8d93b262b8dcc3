#include "store/state_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
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
                "[daemon] state must name a directory that the daemon's user may write");
}

tl::unexpected<Error> taken(const std::string& directory, int fd) {
    struct flock holder = whole_file();
    const bool known = fcntl(fd, F_GETLK, &holder) == 0 && holder.l_type != F_UNLCK && holder.l_pid > 0;
    const std::string who = known ? fmt::format("process {}", holder.l_pid) : "another process";
    return fail(Error::Kind::store, fmt::format("a daemon runs on the state directory {} already: {}", directory, who),
                "stop that one, or give this one a [daemon] state of its own");
}

}  // namespace

StateLock::StateLock(StateLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

StateLock::~StateLock() {
    if (fd_ >= 0) close(fd_);
}

Result<StateLock> lock_state(const std::string& directory) {
    const std::string path = directory + "/daemon.lock";
    const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return cannot(path);
    StateLock lock(fd);
    struct flock wanted = whole_file();
    if (fcntl(fd, F_SETLK, &wanted) != 0)
        return errno == EAGAIN || errno == EACCES ? taken(directory, fd) : cannot(path);
    const std::string id = fmt::format("{}\n", getpid());
    if (ftruncate(fd, 0) != 0 || write(fd, id.data(), id.size()) < 0) return cannot(path);
    return lock;
}

}  // namespace mc
