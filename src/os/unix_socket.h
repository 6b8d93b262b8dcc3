// unix_socket.h — local stream sockets by path, of any length.
//
// A socket's address holds 107 bytes; we name it through its directory's descriptor instead.
#pragma once

#include <string>

#include "base/result.h"
#include "os/descriptor.h"

namespace mc::os {

// A blocking connection. Nothing there, and nobody listening, leave errno as ENOENT and ECONNREFUSED.
Descriptor connect_unix(const std::string& path);

// Binds beside the place and renames, so that the path is always somebody's, and replaces whatever
// stands there: ask connect_unix() first. Non-blocking. Error: process.
Result<Descriptor> listen_unix(const std::string& path, unsigned mode);

}  // namespace mc::os
