// socket_file.h — the file of a socket that we listen on: tells when it is removed, moved or replaced, or its directory
// is. By inotify; asleep until then.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <utility>

#include "os/descriptor.h"
#include "os/event_loop.h"

namespace mc::os {

class SocketFile {
   public:
    // `path` names our socket now. `gone` is called from the loop, once for each removal that is seen.
    SocketFile(EventLoop& loop, std::string path, std::function<void()> gone);
    // Removes the file, if it is ours still.
    ~SocketFile();
    SocketFile(const SocketFile&) = delete;
    SocketFile& operator=(const SocketFile&) = delete;

    // Whether the path still names the file that it named at first, or at the latest renew().
    bool is_ours() const;
    // It names another one now, which is ours.
    void renew();

   private:
    void drain();

    std::string path_;
    std::pair<dev_t, ino_t> file_;
    std::function<void()> gone_;
    Descriptor inotify_;
    EventLoop::Watch readable_;
};

}  // namespace mc::os
