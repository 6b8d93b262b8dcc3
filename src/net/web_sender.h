// web_sender.h — sends one request and prints the answer: the program of a job's `http`.
//
// Output  "METHOD URL", the answer's status line and its body; if the request failed, also the reason, on its own line.
// Proxies come from the environment, as for curl. Redirects are not followed: a POST would become a GET, and secrets
// could go to another server. Only http and https are used; certificates are checked.
// Bounds  10 s to connect, `seconds_max` in total; a body_file has at most 64 MB.
#pragma once

#include "net/web_request.h"

namespace mc::os {

// The exit codes of the process.
enum class Sent { wanted_status = 0, other_status = 1, no_answer = 2 };

// Writes to standard output. Blocks; for a process that does nothing else.
Sent send_request(WebRequest request);

}  // namespace mc::os
