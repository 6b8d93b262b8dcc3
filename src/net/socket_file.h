// socket_file.h — the file of a listening socket: reports when the file or its directory is removed, moved or replaced.
// Uses inotify, without polling.
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
    // `path` must name our socket now. `gone` is called from the loop, once for each removal that is noticed.
    SocketFile(EventLoop& loop, std::string path, std::function<void()> gone);
    // Removes the file, if it is still ours.
    ~SocketFile();
    SocketFile(const SocketFile&) = delete;
    SocketFile& operator=(const SocketFile&) = delete;

    // Whether the path still names the same file as at the construction or the latest renew().
    bool is_ours() const;
    // Call it after a new socket of ours was put at the path: its file is the one to watch now.
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
