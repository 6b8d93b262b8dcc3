// http_client.h — one question to the daemon over its local socket, for a command.
//
// Plain HTTP/1.0 without libcurl: loading that takes longer than everything else a command does.
#pragma once

#include <string>

#include "base/result.h"

namespace mc::os {

struct HttpAnswer {
    int status = 0;
    std::string body;
};

// Blocks until the answer is whole. `path` is sent as it is: encode what stands in it. Error: no_daemon
// when nobody answers on the socket; refused when we may not ask; network for a broken answer, or none
// within a minute.
Result<HttpAnswer> ask_socket(const std::string& socket, const std::string& method, const std::string& path,
                              const std::string& body);

}  // namespace mc::os
