// kept_elsewhere.h — whether a process is the business of a daemon of another state directory that runs now.
#pragma once

#include <string>
#include <string_view>

#include "exec/process_tree.h"

namespace mc::os {

// A keeper or a warden is above it whose directory is not `here` (file_identity()), and on which a daemon runs. False where
// /proc does not say, and of a directory that no daemon uses any more: one that was moved away or removed.
bool is_kept_elsewhere(const Process& process, std::string_view here);

// Whether a keeper is above it whose directory had that path and was removed. `path` has no links.
bool was_kept_in(const Process& process, const std::string& path);

}  // namespace mc::os
