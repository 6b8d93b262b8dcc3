// output_file.h — a job's output on disk: limited in size, with head and tail kept.
//
// A job writes directly to its file, so that it continues when the daemon or the keeper dies. While it runs, the
// middle of a file that exceeds its limit is freed on disk (a hole). At the end the file is reduced to its head,
// one line with the number of omitted bytes, and its tail.
//
// Units   bytes. The limit applies to disk space; while the job runs the file may look longer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mc::os {

// Frees the middle on disk. If the file system does not support that, the file stays long until shorten_output.
void free_middle(int fd, std::uint64_t max_bytes);

// Reduces the file to head, "[... N bytes left out ...]" and tail, at most max_bytes in total. A file that fits is not
// changed. Works in place, so that a background process of the job continues to write at the file's end.
void shorten_output(int fd, std::uint64_t max_bytes);

// What is kept of a file of that size: its first `head` bytes, the note and its last `tail` bytes; without a note, all.
struct OutputCut {
    std::uint64_t head = 0, tail = 0;
    std::string note;
};
OutputCut output_cut(std::uint64_t size, std::uint64_t max_bytes);

// The file's last `bytes`, or the part of them after its hole; empty if the file cannot be read.
struct OutputEnd {
    std::string text;
    bool is_all = true;  // the text is the whole file
};
OutputEnd output_end(const std::string& path, std::size_t bytes);

// The text's last `lines` lines.
std::string last_lines(const std::string& text, std::size_t lines);

// Why the path cannot be read: "it is a directory", "Permission denied". "" if it can, or if it does not exist.
std::string output_obstacle(const std::string& path);

struct OutputPiece {
    std::string text;
    std::uint64_t next = 0;  // the offset after it
    bool skipped = false;    // a hole before `text` was skipped
};

// At most `bytes` from `offset` on, or from the end of a hole at `offset`; empty at the end of the file.
OutputPiece output_piece(const std::string& path, std::uint64_t offset, std::size_t bytes);

// Reads a file in blocks from its beginning, and continues when it grows. The file may be shortened, replaced or get a
// hole meanwhile: before each block, the last `compared` bytes that were read are compared with the file.
class OutputReader {
   public:
    OutputReader(std::string path, std::size_t compared) : path_(std::move(path)), compared_(compared) {}

    // end: the current end of the file. changed: the bytes read so far are no longer the file's beginning.
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
    std::uint64_t at_ = 0, size_ = 0;                            // the number of bytes read; the file's size then
    std::string last_;                                           // the bytes before `at_`, back to a hole
};

}  // namespace mc::os
