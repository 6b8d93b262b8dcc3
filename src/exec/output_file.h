// output_file.h — what a job printed: bounded on disk, head and tail kept.
//
// A job writes straight to its file, so that nothing breaks when one of us dies. While it runs, the
// middle of a file that has grown past its bound is given back to the disk (a hole); at the end the
// file becomes head, one line that says how much was left out, and tail.
//
// Units   bytes. The bound counts disk space; while the job runs the file may look longer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mc::os {

// Gives the middle back to the disk. Where the file system cannot, nothing happens until shorten_output.
void free_middle(int fd, std::uint64_t max_bytes);

// Head, "[... N bytes left out ...]", tail: at most max_bytes in all. Does nothing to a file that fits.
// In place, so that a background process of the job goes on writing at the file's end.
void shorten_output(int fd, std::uint64_t max_bytes);

// What stays of a file of that size: its first `head` bytes, the note and its last `tail`; no note: all of it.
struct OutputCut {
    std::uint64_t head = 0, tail = 0;
    std::string note;
};
OutputCut output_cut(std::uint64_t size, std::uint64_t max_bytes);

// The file's last `bytes`, or what of them follows its hole; empty when it cannot be read.
struct OutputEnd {
    std::string text;
    bool is_all = true;  // nothing comes before it
};
OutputEnd output_end(const std::string& path, std::size_t bytes);

// The text's last `lines` lines.
std::string last_lines(const std::string& text, std::size_t lines);

// "" or why nothing can be read at that path: "it is a directory", "Permission denied". Also "" where nothing is.
std::string output_obstacle(const std::string& path);

struct OutputPiece {
    std::string text;
    std::uint64_t next = 0;  // where to read on
    bool skipped = false;    // something before `text` was left out
};

// At most `bytes` from `offset` on, past the hole if one is there; empty at the end.
OutputPiece output_piece(const std::string& path, std::uint64_t offset, std::size_t bytes);

// Reads a file in blocks from its begin, and on when it has grown. The file may be shortened, replaced or get a hole
// meanwhile: before each block the last `compared` bytes that were read are compared with what is in the file now.
class OutputReader {
   public:
    OutputReader(std::string path, std::size_t compared) : path_(std::move(path)), compared_(compared) {}

    // end: as far as it has grown. changed: what was read is no longer the file's beginning.
    enum class Is { text, end, changed };
    struct Block {
        Is is = Is::end;
        std::uint64_t hole = 0;  // bytes of a hole before `text`
        std::string text;
    };
    Block next(std::size_t bytes);

   private:
    std::string path_;
    std::size_t compared_;
    std::optional<std::pair<std::uint64_t, std::uint64_t>> id_;  // device and inode
    std::uint64_t at_ = 0, size_ = 0;                            // how far it has read; the file's size then
    std::string last_;                                           // the bytes before `at_`, back to a hole
};

}  // namespace mc::os
