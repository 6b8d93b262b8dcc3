// output_seal.h — what an attempt printed, put away: a masked copy that the daemon owns takes the file's place.
//
// A job's user owns the file that the job writes to, may have linked it, and processes that the job left behind may
// write to it. So the copy is a new file (mode 0600), written beside the old one and renamed over it: what others hold
// is then another file, which must not grow (left_output.h). The copy's SHA-256 is returned, for the ledger. Sealing a
// copy again gives the same file.
//
// The copy is forced to the disk before it takes the file's place, and its directory after that: after a power cut the
// ledger has no hash of a file that is empty.
//
// Bounds   at most `bytes_max` are copied: a file that is longer is shortened as in output_file.h.
// Threads  OutputSealer works in one thread of its own, begun when it is first needed; the loop waits for nothing.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "base/mask.h"
#include "base/result.h"
#include "os/crypto_library.h"
#include "os/event_loop.h"

namespace mc::os {

class LeftOutput;

struct SealWork {
    std::string path;
    std::uint64_t bytes_max = 0;
    Mask mask;
};

struct Seal {
    std::string sha256;  // 64 letters; "" when there was no file, and nothing was done
    std::int64_t bytes = 0;
};

// `left` gets the file that was replaced. Error: process; no copy is left, and the file is as it was, or, where its
// directory could not be forced to the disk, the copy is in its place already.
Result<Seal> seal_output(const SealWork& work, const CryptoLibrary& crypto, const std::atomic<bool>& stop,
                         LeftOutput* left = nullptr);

// The SHA-256 and size of a file. Error: process.
Result<Seal> seal_of(const std::string& path, const CryptoLibrary& crypto);

class OutputSealer {
   public:
    using Done = std::function<void(Result<Seal>)>;

    explicit OutputSealer(EventLoop& loop);
    ~OutputSealer();  // what is not done stays undone
    OutputSealer(const OutputSealer&) = delete;
    OutputSealer& operator=(const OutputSealer&) = delete;

    // `done` exactly once, from the loop, never from within this call. Error: as seal_output; resources, when no thread
    // can be started now.
    void seal(SealWork work, Done done);

   private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace mc::os
