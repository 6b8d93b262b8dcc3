// file_looker.h — checks whether files exist, without waiting for a file system that hangs.
//
// stat(2) on an unreachable file server cannot be interrupted, so a few threads call it, created when they are needed;
// the loop never does. If a thread hangs, its question is answered after `patience`, and the thread is used again when
// it returns. A mount with a hanging thread gets one more thread at a time, and has at most 8 hanging ones, so that
// threads remain for other mounts. A directory with a hanging thread is not checked again meanwhile. The threads
// find the mount while they follow the path, because a link may lead to it. A new mount at the same point counts as
// another one.
//
// Bounds     32 threads in addition to those that hang, 128 in total, 4 for a mount that responds; every question is
//            answered after `patience` at the latest.
// Ownership  the loop must outlive the looker. Threads that hang outlive it, and use nothing of its owner. They have
//            no other descriptors, so that they keep no locks and sockets of a killed process open.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "os/event_loop.h"

namespace mc::os {

struct FileQuestion {
    std::string path;
    // The user for the permission check; absent: our own.
    struct Identity {
        std::uint32_t uid = 0, gid = 0;
        std::vector<std::uint32_t> groups;
    };
    std::optional<Identity> as;
};

struct FileSeen {
    bool is_there = false;
    std::int64_t size = 0;
    std::int64_t changed_ns = 0;  // mtime
    std::string error;            // why it is not known: "Permission denied"; "" if the file exists or is missing
    bool refused = false;         // no thread was available: a limit of the machine, or other questions took all
};

class FileLooker {
   public:
    using Done = std::function<void(FileSeen)>;

    using Ask = std::function<FileSeen(const FileQuestion&)>;  // stat(2), except in tests; called on the threads

    explicit FileLooker(EventLoop& loop, std::chrono::milliseconds patience = std::chrono::seconds{30}, Ask ask = {});
    ~FileLooker();
    FileLooker(const FileLooker&) = delete;
    FileLooker& operator=(const FileLooker&) = delete;

    // Calls `done` exactly once, from the loop, never from within this call.
    void look(FileQuestion question, Done done);

   private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace mc::os
