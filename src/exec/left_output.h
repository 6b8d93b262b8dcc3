// left_output.h — output files that no longer have a name, but to which processes left behind by jobs still write.
//
// Such a file is invisible, and its disk space is freed only when its writers end. So each file that has grown is
// emptied, once a second, as long as another process has it open; a process that only reads it can continue. A file
// that a job has linked still has a name, and belongs to the job's user.
//
// Bounds   `most` files; beyond that, the file that has not grown for the longest time is dropped.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "os/clock.h"
#include "os/descriptor.h"

namespace mc::os {

class LeftOutput {
   public:
    static constexpr std::size_t most = 256;
    static constexpr std::chrono::seconds every{1};

    // Adds a replaced file, open for writing. Ignores a file that still has a name.
    void add(Descriptor file);
    // Adds the files in subdirectories of `runs` that an earlier daemon replaced.
    void adopt(const std::string& runs);
    // Empties each file that has grown; drops those that no other process has open.
    void empty_all();
    bool none() const { return files_.empty(); }

   private:
    struct File {
        Descriptor descriptor;
        std::uint64_t device, inode;
        off_t size;  // when it was added; later 0
        MonotonicTime grown;
    };
    std::vector<File> files_;
};

}  // namespace mc::os
