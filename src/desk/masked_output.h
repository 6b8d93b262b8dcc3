// masked_output.h — an attempt's masked output, for readers that request one piece after the other.
//
// Offsets are those in the masked text; a hole in the file counts with its full length. A reader continues where its last
// piece began, so that each byte of the file is read once. It starts again at the beginning of the file if an earlier
// offset is requested, or if the part that it has read has changed: the file was shortened or replaced, or its middle
// was freed (exec/output_file.h).
//
// Bounds  Memory: a piece, a block of the file, and the longest form of a masked value. Time: piece() returns once `work`
//         has passed, after at least one block; the next call continues from there.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/mask.h"
#include "exec/output_file.h"

namespace mc::app {

// Whether the file may still grow.
enum class Growth { going_on, over };

struct MaskedPiece : os::OutputPiece {
    bool more = false;       // `work` has passed: ask again from `next`
    bool is_hidden = false;  // the output cannot be masked; `text` says why
};

class MaskedOutput {
   public:
    MaskedOutput(std::string path, Mask mask);
    MaskedOutput(const MaskedOutput&) = delete;
    MaskedOutput& operator=(const MaskedOutput&) = delete;

    // At most `bytes` from `offset` on, or from the end of a hole at `offset`; empty at the end. While the file grows,
    // masked text that further output could change is not returned yet. Without `work` there is no time limit.
    MaskedPiece piece(std::uint64_t offset, std::size_t bytes, Growth growth,
                      std::optional<std::chrono::nanoseconds> work = {});

    // Whether the reader can continue to that offset of that output.
    bool leads_to(const std::string& path, const Mask& mask, std::uint64_t offset) const;
    std::uint64_t begin() const { return begin_; }
    // The bytes of the file that this reader has read so far.
    std::uint64_t bytes_read() const { return bytes_read_; }

   private:
    struct Part {
        std::string text;
        std::uint64_t hole = 0;  // the number of NUL bytes after it; may grow in the last part
    };
    void begin_again();
    bool read_block(Growth growth);
    void take(std::string_view masked);
    void forget_before(std::uint64_t offset);

    std::string path_;
    Mask mask_;
    os::OutputReader file_;
    std::optional<MaskStream> stream_;
    std::deque<Part> parts_;   // never empty
    std::uint64_t begin_ = 0;  // the offset of the first part
    bool stream_ended_ = false;
    std::uint64_t bytes_read_ = 0;
};

// The daemon's readers: those used last, at most `most`.
class MaskedOutputs {
   public:
    static constexpr std::size_t most = 64;  // each needs at most a megabyte
    MaskedPiece piece(const std::string& path, const Mask& mask, std::uint64_t offset, std::size_t bytes, Growth growth,
                      std::chrono::nanoseconds work);

   private:
    std::list<std::unique_ptr<MaskedOutput>> readers_;  // most recently used first
};

}  // namespace mc::app
