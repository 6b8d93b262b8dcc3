// unix_socket.h — local stream sockets by path, of any length.
//
// A socket's address holds only 107 bytes; longer paths work because the address uses the directory's descriptor.
#pragma once

#include <string>

#include "base/result.h"
#include "os/descriptor.h"

namespace mc::os {

// A blocking connection. On failure it is empty and errno is set: ENOENT without a file, ECONNREFUSED without a
// listener.
Descriptor connect_unix(const std::string& path);

// A listening, non-blocking socket. It is bound to PATH.new and renamed, so that the path always names a listening
// socket, and replaces any existing file: call connect_unix() first. Error: process.
Result<Descriptor> listen_unix(const std::string& path, unsigned mode);

}  // namespace mc::os
