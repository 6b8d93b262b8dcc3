// client.h — the command line's side of the control API.
#pragma once

#include <string>

#include "desk/command.h"
#include "desk/json.h"

namespace mc::app {

// Asks the daemon on that socket; `body` is JSON text or "". Error: no_daemon when nobody answers; usage or refused, with the
// daemon's own sentence, for its errors. An action that was refused is an answer with "ok": false.
Result<Json> ask_daemon(const std::string& socket, const std::string& method, const std::string& path,
                        const std::string& body = "");

// The body of a request; what is no UTF-8 in it becomes U+FFFD.
std::string sent(const Json& body);

// Posts an action to that daemon and prints its text, a refusal's to stderr, with `quiet` only that; returns the exit
// code.
int act_and_tell(const std::string& socket, const std::string& path, const std::string& body, bool quiet = false);
// The same to the daemon of the file in question.
int act_and_tell(const Args& args, const std::string& path, const std::string& body);

}  // namespace mc::app
