// web_sender.h — sends one request and prints what comes of it: the whole life of a process that is a job's `http`.
//
// Output  "METHOD URL", the answer's status line and its body; then, where the run failed, why, on a line of its own.
// Proxies are those of the environment, as curl takes them. Redirects are not followed: a POST would become a GET,
// and secrets would go where nobody sent them. Only http and https are spoken; certificates are checked.
// Bounds  10 s to connect, `seconds_max` in all; of a body_file at most 64 MB.
#pragma once

#include "net/web_request.h"

namespace mc::os {

// The exit codes of that process.
enum class Sent { wanted_status = 0, other_status = 1, no_answer = 2 };

// Writes to the standard output. Blocks; for a process that does nothing else.
Sent send_request(WebRequest request);

}  // namespace mc::os
