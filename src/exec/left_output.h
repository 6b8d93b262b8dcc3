// left_output.h — files of output that have no name any more, and that processes which jobs left behind still write to.
//
// Nobody can see such a file, and nothing but its writers' end gives back what it takes of the disk. So each that has
// grown is emptied, once a second, for as long as anyone but us has it open; a process that only reads it reads on. One
// that a job has linked still has a name, and is its user's.
//
// Bounds   `most` files; of more, those that have not grown for longest are let go.
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

    // A file that another has replaced, open for writing; nothing happens with one that has a name.
    void add(Descriptor file);
    // Those in that directory's directories that an earlier daemon replaced.
    void adopt(const std::string& runs);
    // Empties each that has grown; lets go those that nobody else has open.
    void empty_all();
    bool none() const { return files_.empty(); }

   private:
    struct File {
        Descriptor descriptor;
        std::uint64_t device, inode;
        off_t size;  // when it was taken, then 0
        MonotonicTime grown;
    };
    std::vector<File> files_;
};

}  // namespace mc::os
