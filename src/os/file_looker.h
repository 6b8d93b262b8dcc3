// file_looker.h — asks whether files are there, without waiting for a file system that hangs.
//
// stat(2) cannot be interrupted on a file server that is gone, so it is asked by a few threads, made when they are
// needed, and never by the loop. A thread that hangs is written off: its question is answered after `patience`, and
// it serves again if it ever comes back. A mount of which one hangs gets one thread at a time, at most eight in all,
// so that it takes them from nobody else; a directory in which one hangs is not asked again meanwhile. Which mount
// that is, the threads find out on their way: a link may lead there. One that takes the place of another is new.
//
// Bounds     32 threads beside those that hang, 128 in all, four for a healthy mount; whatever waits for `patience` is
//            answered.
// Ownership  the loop must outlive the looker. Threads that hang outlive it, and touch nothing of its owner; none
//            has descriptors of ours, so that it keeps no lock and no socket of a process that was killed.
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
    // As whom to ask; absent: as ourselves.
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
    std::string error;            // why nobody knows: "Permission denied"; "" when there is none, or it is not there
    bool refused = false;         // there was no thread to look: the machine has no room, or others took all
};

class FileLooker {
   public:
    using Done = std::function<void(FileSeen)>;

    using Ask = std::function<FileSeen(const FileQuestion&)>;  // stat(2), but in tests; called on the threads

    explicit FileLooker(EventLoop& loop, std::chrono::milliseconds patience = std::chrono::seconds{30}, Ask ask = {});
    ~FileLooker();
    FileLooker(const FileLooker&) = delete;
    FileLooker& operator=(const FileLooker&) = delete;

    // `done` exactly once, from the loop, never from within this call.
    void look(FileQuestion question, Done done);

   private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace mc::os
