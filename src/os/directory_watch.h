// directory_watch.h — tells when something in a directory changes: a file written, made, renamed, removed, or
// given another owner or mode. By inotify; asleep until then.
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
    // `changed` is called once for all that came together.
    DirectoryWatch(EventLoop& loop, std::function<void()> changed);

    // Watches these directories and no others. One that is not there is awaited in its nearest parent.
    // Error: process: some of it cannot be watched, as when the user may have no more watches.
    Result<void> watch(const std::vector<std::string>& directories);

   private:
    void drain();

    Descriptor inotify_;
    std::map<std::string, int> watched_;
    std::function<void()> changed_;
    EventLoop::Watch readable_;
};

}  // namespace mc::os
