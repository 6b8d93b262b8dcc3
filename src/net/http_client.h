// http_client.h — one request to the daemon over its local socket, for a command.
//
// Plain HTTP/1.0 without libcurl, because loading libcurl takes longer than the rest of a command.
#pragma once

#include <string>

#include "base/result.h"

namespace mc::os {

struct HttpAnswer {
    int status = 0;
    std::string body;
};

// Blocks until the answer is complete. `path` is sent unchanged: the caller encodes it. Error: no_daemon when no
// process listens on the socket; refused without permission to connect; network for an incomplete answer, or none
// within 60 s.
Result<HttpAnswer> ask_socket(const std::string& socket, const std::string& method, const std::string& path,
                              const std::string& body);

}  // namespace mc::os
