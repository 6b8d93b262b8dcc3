// files.h — small operations on files, whose errors name the file and, where possible, what to do.
//
// Errors have kind process, or resources if a retry may succeed (obstacle.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mc::os {

// The whole file. Error: it is missing, a directory, unreadable, a FIFO without a writer, or longer than `bytes_max`.
Result<std::string> read_file(const std::string& path, std::size_t bytes_max);

// A file's owner, group and mode when it was opened.
struct FileOwner {
    std::uint32_t uid = 0, gid = 0, mode = 0;
    bool may_be_read_by(std::uint32_t user, const std::vector<std::uint32_t>& groups) const;
};
struct OwnedText {
    std::string text;
    FileOwner owner;
};
// The same with the owner of the file that was read, even if the path names another file by now.
Result<OwnedText> read_owned_file(const std::string& path, std::size_t bytes_max);

// The identity of a file or directory, independent of its name: device and inode, unique on this machine while it
// exists. A copy has another. "" if there is no such file.
std::string file_identity(int descriptor);
std::string file_identity(const std::string& path);

// Writes a temporary file in the same directory, with fsync and rename: readers see the old or the new text, never a
// part.
Result<void> write_file(const std::string& path, std::string_view text, unsigned mode);

// Creates the directory and its parents; existing ones are not changed.
Result<void> make_directories(const std::string& path, unsigned mode);

// Removes a file, or a directory with its content. A missing path is not an error.
Result<void> remove_tree(const std::string& path);

// The paths that match a glob pattern, sorted; empty if none does.
std::vector<std::string> glob_files(const std::string& pattern);

// The entries of a directory, in no order, as far as they can be read. A loop over std::filesystem's iterator would
// throw if reading fails halfway: in /proc, or on a faulty disk.
std::vector<std::filesystem::path> entries_of(const std::filesystem::path& directory);

}  // namespace mc::os
