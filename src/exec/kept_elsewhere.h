// kept_elsewhere.h — whether a process belongs to a running daemon with another state directory.
#pragma once

#include <string>
#include <string_view>

#include "exec/process_tree.h"

namespace mc::os {

// True if the keeper or warden above it has a directory other than `here` (file_identity()), and a daemon runs on
// that directory. False if /proc cannot be read, or if no daemon uses that directory any more: for example, it was
// moved or removed.
bool is_kept_elsewhere(const Process& process, std::string_view here);

// Whether the keeper above it has a directory that had this path and was removed. `path` must have no links.
bool was_kept_in(const Process& process, const std::string& path);

}  // namespace mc::os
