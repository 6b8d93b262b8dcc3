#include "net/socket_file.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>

namespace mc::os {

namespace {

// IN_ATTRIB: a file in use whose name is removed only loses a link; IN_DELETE_SELF comes once it is closed.
constexpr std::uint32_t changes = IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_DONT_FOLLOW;

std::pair<dev_t, ino_t> identity(const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return {};
    return {status.st_dev, status.st_ino};
}

}  // namespace

SocketFile::SocketFile(EventLoop& loop, std::string path, std::function<void()> gone)
    : path_(std::move(path)), gone_(std::move(gone)), inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    if (inotify_) readable_ = loop.readable(inotify_.get(), [this] { drain(); });
    renew();
}

SocketFile::~SocketFile() {
    if (is_ours()) ::unlink(path_.c_str());
}

bool SocketFile::is_ours() const { return file_ != std::pair<dev_t, ino_t>{} && identity(path_) == file_; }

void SocketFile::renew() {
    file_ = identity(path_);
    // The old file's watch ends with the file. Without a watch, a removed file is not noticed until a restart.
    if (!inotify_) return;
    (void)::inotify_add_watch(inotify_.get(), path_.c_str(), changes);
    const std::string directory = std::filesystem::path(path_).parent_path().string();
    (void)::inotify_add_watch(inotify_.get(), directory.empty() ? "." : directory.c_str(),
                              IN_MOVE_SELF | IN_DELETE_SELF);
}

void SocketFile::drain() {
    alignas(inotify_event) std::array<char, 4096> events;
    bool any = false;
    while (::read(inotify_.get(), events.data(), events.size()) > 0) any = true;
    if (any && !is_ours()) gone_();
}

}  // namespace mc::os
