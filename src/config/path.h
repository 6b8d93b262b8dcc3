// path.h — resolves a relative path by its text alone.
//
// Links are not followed: the disk is not read.
#pragma once

#include <string>
#include <string_view>

namespace mc {

// `path` relative to `directory`, without "." and ".."; an absolute path is independent of `directory`.
std::string path_from(std::string_view directory, std::string_view path);

// The directory of a file, relative to `working_directory`.
std::string directory_of(std::string_view file, std::string_view working_directory);

}  // namespace mc
