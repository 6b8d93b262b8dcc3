#include "os/directory_watch.h"

#include <fmt/format.h>
#include <sys/inotify.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace mc::os {

namespace {

constexpr std::uint32_t changes = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB |
                                  IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

std::string nearest_existing(std::filesystem::path directory) {
    std::error_code error;
    while (directory.has_relative_path() && !std::filesystem::is_directory(directory, error))
        directory = directory.parent_path();
    return directory;
}

}  // namespace

DirectoryWatch::DirectoryWatch(EventLoop& loop, std::function<void()> changed)
    : inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)), changed_(std::move(changed)) {
    if (inotify_) readable_ = loop.readable(inotify_.get(), [this] { drain(); });
}

Result<void> DirectoryWatch::watch(const std::vector<std::string>& directories) {
    std::map<std::string, int> wanted;
    Result<void> done;
    for (const std::string& directory : directories) {
        const std::string there = nearest_existing(directory);
        // The same number if the directory is already watched; another one if a new directory has that path.
        const int number = ::inotify_add_watch(inotify_.get(), there.c_str(), changes);
        if (number >= 0) wanted.emplace(there, number);
        else
            done = fail(Error::Kind::process, fmt::format("cannot watch {}: {}", there, std::strerror(errno)),
                        "raise fs.inotify.max_user_instances or max_user_watches");
    }
    for (const auto& [directory, number] : watched_)
        if (!wanted.contains(directory)) ::inotify_rm_watch(inotify_.get(), number);
    watched_ = std::move(wanted);
    return done;
}

void DirectoryWatch::drain() {
    alignas(inotify_event) std::array<char, 65536> events;
    bool any = false;
    while (::read(inotify_.get(), events.data(), events.size()) > 0) any = true;
    if (any) changed_();
}

}  // namespace mc::os
