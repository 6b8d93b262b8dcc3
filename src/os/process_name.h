// process_name.h — sets the name of this process in ps and top.
#pragma once

namespace mc::os {

// Replaces the short name (of at most 15 characters) and the whole command line. Otherwise a forked process would look
// like a second daemon to tools that count or kill processes by name.
void name_this_process(const char* name);

}  // namespace mc::os
