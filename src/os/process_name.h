// process_name.h — what ps and top call a process.
#pragma once

namespace mc::os {

// Replaces both the short name (at most 15 characters count) and the whole command line. A forked
// process would otherwise look like a second daemon to whoever counts or kills them by name.
void name_this_process(const char* name);

}  // namespace mc::os
