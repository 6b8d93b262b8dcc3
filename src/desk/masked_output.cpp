#include "desk/masked_output.h"

#include <algorithm>
#include <array>
#include <utility>

#include "os/clock.h"

namespace mc::app {

namespace {

constexpr std::size_t block_bytes = 128 * 1024;
constexpr std::array<char, 64> nul_bytes{};
constexpr std::string_view hole_begin(nul_bytes.data(), nul_bytes.size());  // so many in a row are a hole; base/mask.h

}  // namespace

MaskedOutput::MaskedOutput(std::string path, Mask mask)
    : path_(std::move(path)), mask_(std::move(mask)), file_(path_, mask_.longest()) {
    begin_again();
}

void MaskedOutput::begin_again() {
    file_ = os::OutputReader(path_, mask_.longest());
    stream_.emplace(mask_);
    parts_.assign(1, {});
    begin_ = 0;
    stream_ended_ = false;
}

bool MaskedOutput::leads_to(const std::string& path, const Mask& mask, std::uint64_t offset) const {
    return begin_ <= offset && path_ == path && mask_ == mask;
}

// Splits the text at its holes.
void MaskedOutput::take(std::string_view masked) {
    while (!masked.empty()) {
        if (parts_.back().hole > 0) {
            const std::size_t nuls = std::min(masked.find_first_not_of('\0'), masked.size());
            parts_.back().hole += nuls;
            masked.remove_prefix(nuls);
            if (masked.empty()) return;
            parts_.emplace_back();
        }
        const std::size_t end = std::min(masked.find(hole_begin), masked.size());
        parts_.back().text += masked.substr(0, end);
        masked.remove_prefix(end);
        if (masked.empty()) return;
        parts_.back().hole = hole_begin.size();
        masked.remove_prefix(hole_begin.size());
    }
}

// False: there is nothing more to read now.
bool MaskedOutput::read_block(Growth growth) {
    const os::OutputReader::Block block = file_.next(block_bytes);
    bytes_read_ += block.text.size();
    switch (block.is) {
        case os::OutputReader::Is::changed: begin_again(); return true;
        case os::OutputReader::Is::end:
            if (growth == Growth::going_on || std::exchange(stream_ended_, true)) return false;
            take(stream_->end());
            return true;
        case os::OutputReader::Is::text: break;
    }
    if (stream_ended_) {  // a process that the job left behind is still writing
        begin_again();
        return true;
    }
    const std::size_t nuls = std::min<std::uint64_t>(block.hole, hole_begin.size());
    take(stream_->add(hole_begin.substr(0, nuls)));
    if (block.hole > nuls) parts_.back().hole += block.hole - nuls;
    take(stream_->add(block.text));
    return true;
}

void MaskedOutput::forget_before(std::uint64_t offset) {
    while (parts_.size() > 1 && offset >= begin_ + parts_.front().text.size() + parts_.front().hole) {
        begin_ += parts_.front().text.size() + parts_.front().hole;
        parts_.pop_front();
    }
    std::string& text = parts_.front().text;
    const std::size_t gone = std::min<std::uint64_t>(offset - begin_, text.size());
    text.erase(0, gone);
    begin_ += gone;
}

MaskedPiece MaskedOutput::piece(std::uint64_t offset, std::size_t bytes, Growth growth,
                                std::optional<std::chrono::nanoseconds> work) {
    if (mask_.empty()) return {os::output_piece(path_, offset, bytes)};
    const os::MonotonicTime begun = os::monotonic_now();
    if (offset < begin_) begin_again();
    MaskedPiece piece;
    while (true) {
        forget_before(offset);
        const Part& first = parts_.front();
        const bool is_whole = first.text.size() >= bytes || first.hole > 0;
        if (!first.text.empty() && is_whole) break;
        if (first.text.empty() && first.hole > 0 && parts_.size() > 1) {
            offset = begin_ + first.hole;
            piece.skipped = true;
            continue;
        }
        if (piece.more || !read_block(growth)) break;
        piece.more = work && os::monotonic_now() - begun >= *work;
    }
    piece.text = parts_.front().text.substr(0, bytes);
    piece.next = offset + piece.text.size();
    return piece;
}

MaskedPiece MaskedOutputs::piece(const std::string& path, const Mask& mask, std::uint64_t offset, std::size_t bytes,
                                 Growth growth, std::chrono::nanoseconds work) {
    auto best = readers_.end();
    for (auto at = readers_.begin(); at != readers_.end(); ++at) {
        const bool is_nearer = best == readers_.end() || (*at)->begin() > (*best)->begin();
        if (is_nearer && (*at)->leads_to(path, mask, offset)) best = at;
    }
    if (best == readers_.end()) readers_.push_front(std::make_unique<MaskedOutput>(path, mask));
    else readers_.splice(readers_.begin(), readers_, best);
    if (readers_.size() > most) readers_.pop_back();
    return readers_.front()->piece(offset, bytes, growth, work);
}

}  // namespace mc::app
