// directory_watch.h — reports changes in directories: a file is written, created, renamed or removed, or its owner or
// mode changes. Uses inotify, without polling.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "os/descriptor.h"
#include "os/event_loop.h"

namespace mc::os {

class DirectoryWatch {
   public:
    // `changed` is called once for changes that arrive together.
    DirectoryWatch(EventLoop& loop, std::function<void()> changed);

    // Watches only these directories. For a missing directory its nearest existing parent is watched.
    // Error: process: a directory cannot be watched, for example because the user has no watches left; the others are.
    Result<void> watch(const std::vector<std::string>& directories);

   private:
    void drain();

    Descriptor inotify_;
    std::map<std::string, int> watched_;
    std::function<void()> changed_;
    EventLoop::Watch readable_;
};

}  // namespace mc::os
