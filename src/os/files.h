// files.h — small acts on files, each saying which file and what to do when it fails.
//
// Errors are of kind process. Nothing here follows a user's wish beyond the path it is given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mc::os {

// The whole file. Error: missing, a directory, unreadable, or longer than `bytes_max`.
Result<std::string> read_file(const std::string& path, std::size_t bytes_max);

// Who may do what with a file, as it was when it was opened.
struct FileOwner {
    std::uint32_t uid = 0, gid = 0, mode = 0;
    bool may_be_read_by(std::uint32_t user, const std::vector<std::uint32_t>& groups) const;
};
struct OwnedText {
    std::string text;
    FileOwner owner;
};
// The same, with its owner: of the file that was read, whatever has the path's name by now.
Result<OwnedText> read_owned_file(const std::string& path, std::size_t bytes_max);

// Which file or directory it is, whatever its name: two numbers that no other has on this machine while it is there. A
// copy has others. "" where there is none.
std::string file_identity(int descriptor);
std::string file_identity(const std::string& path);

// By a temporary file beside it, fsync and rename: the old text or the new, never half.
Result<void> write_file(const std::string& path, std::string_view text, unsigned mode);

// Makes the directory and its parents; an existing one is left as it is.
Result<void> make_directories(const std::string& path, unsigned mode);

// Removes a file or a directory with all in it; nothing there is fine.
Result<void> remove_tree(const std::string& path);

// Paths that match a glob pattern, sorted; none is an empty list.
std::vector<std::string> glob_files(const std::string& pattern);

// What is in a directory, in no order; as much of it as can be read. std::filesystem's loops throw when that fails
// halfway: in /proc, or on a disk with a fault.
std::vector<std::filesystem::path> entries_of(const std::filesystem::path& directory);

}  // namespace mc::os
