// path.h — where a relative path of the file leads, worked out from its text alone.
//
// Links are not followed: nothing is asked of a disk.
#pragma once

#include <string>
#include <string_view>

namespace mc {

// `path` as seen from `directory`, without "." and ".."; an absolute path stands for itself.
std::string path_from(std::string_view directory, std::string_view path);

// The directory of a file, seen from `working_directory`.
std::string directory_of(std::string_view file, std::string_view working_directory);

}  // namespace mc
