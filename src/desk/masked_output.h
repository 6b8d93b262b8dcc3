// masked_output.h — what an attempt printed, masked, for readers who ask for one piece after the other.
//
// Places are those of the masked text; a hole in the file counts with its whole length. A reader goes on where its last
// piece began, so that it costs each byte of the file once. It begins again when an earlier place is asked for, or when
// what it has read is no longer the file's beginning: the file was shortened or replaced, or its middle given back.
//
// Bounds  memory: a piece, a block of the file, and the longest form of a value. Time: piece() ends after `work`, when
//         one block has been read; the next call goes on from there.
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
    bool more = false;       // `work` was over: ask again from `next` on
    bool is_hidden = false;  // it cannot be masked: the text says why
};

class MaskedOutput {
   public:
    MaskedOutput(std::string path, Mask mask);
    MaskedOutput(const MaskedOutput&) = delete;
    MaskedOutput& operator=(const MaskedOutput&) = delete;

    // At most `bytes` from `offset` on, past a hole; empty at the end. Of a growing file nothing that more output could
    // change. Without `work` it takes as long as it takes.
    MaskedPiece piece(std::uint64_t offset, std::size_t bytes, Growth growth,
                      std::optional<std::chrono::nanoseconds> work = {});

    // Whether it can go on to that place of that output.
    bool leads_to(const std::string& path, const Mask& mask, std::uint64_t offset) const;
    std::uint64_t begin() const { return begin_; }
    // Bytes of the file, since it was made.
    std::uint64_t bytes_read() const { return bytes_read_; }

   private:
    struct Part {
        std::string text;
        std::uint64_t hole = 0;  // so many NUL bytes follow it; more may come while it is the last part
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
    std::uint64_t begin_ = 0;  // the place of the first part
    bool stream_ended_ = false;
    std::uint64_t bytes_read_ = 0;
};

// The readers of a daemon: the `most` that were used last.
class MaskedOutputs {
   public:
    static constexpr std::size_t most = 64;  // a megabyte each at worst
    MaskedPiece piece(const std::string& path, const Mask& mask, std::uint64_t offset, std::size_t bytes, Growth growth,
                      std::chrono::nanoseconds work);

   private:
    std::list<std::unique_ptr<MaskedOutput>> readers_;  // the last used first
};

}  // namespace mc::app
