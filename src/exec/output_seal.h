// output_seal.h — seals an attempt's output: replaces the file with a masked copy that the daemon owns.
//
// A job's user owns the file that the job writes to and may have linked it, and processes that the job left behind may
// still write to it. So the copy is a new file (mode 0600) that is renamed over the old one: other processes then hold
// a different file, which must not grow (left_output.h). The copy's SHA-256 is returned, for the ledger. Sealing a
// copy again gives the same file.
//
// The copy is synced to disk before it replaces the file, and its directory afterwards, so that after a power failure
// the ledger has no hash of an empty file.
//
// Bounds   at most `bytes_max` are copied; a longer file is shortened as in output_file.h.
// Threads  OutputSealer works in its own thread, started when it is first needed; the loop does not wait for it.
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
    std::string sha256;  // 64 hexadecimal digits; "" if there was no file and nothing was done
    std::int64_t bytes = 0;
};

// `left` gets the replaced file. Error: process. Then no copy remains and the file is unchanged, except if only its
// directory could not be synced: then the copy has already replaced it.
Result<Seal> seal_output(const SealWork& work, const CryptoLibrary& crypto, const std::atomic<bool>& stop,
                         LeftOutput* left = nullptr);

// The SHA-256 and size of a file. Error: process.
Result<Seal> seal_of(const std::string& path, const CryptoLibrary& crypto);

class OutputSealer {
   public:
    using Done = std::function<void(Result<Seal>)>;

    explicit OutputSealer(EventLoop& loop);
    ~OutputSealer();  // drops the work that is not done
    OutputSealer(const OutputSealer&) = delete;
    OutputSealer& operator=(const OutputSealer&) = delete;

    // Calls `done` exactly once, from the loop, never from within this call. Error: as seal_output; resources if no
    // thread can be started now.
    void seal(SealWork work, Done done);

   private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace mc::os
