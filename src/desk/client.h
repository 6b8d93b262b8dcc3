// client.h — how commands ask the daemon, over its control API.
#pragma once

#include <chrono>
#include <string>

#include "desk/command.h"
#include "desk/json.h"

namespace mc::app {

// Sends a request to the daemon on that socket; `body` is JSON text or "". A GET that the daemon refuses because this user
// has asked for too much of its time is sent again when the daemon permits it, if that is within `longest_wait`. Error:
// no_daemon, if no daemon answers; usage or refused, with the daemon's message, if it reports an error; network, for an
// answer that is not JSON. A refused action is not an Error: its answer has "ok": false.
constexpr std::chrono::seconds longest_wait{60};
Result<Json> ask_daemon(const std::string& socket, const std::string& method, const std::string& path,
                        const std::string& body = "");

// The text of a request body; invalid UTF-8 becomes U+FFFD.
std::string sent(const Json& body);

// Posts an action to that daemon and prints the text of the answer: to stdout, or to stderr if the action was refused.
// With `quiet` only a refusal is printed. Returns the exit code.
int act_and_tell(const std::string& socket, const std::string& path, const std::string& body, bool quiet = false);
// The same, to the daemon of the configuration that `args` names.
int act_and_tell(const Args& args, const std::string& path, const std::string& body);

}  // namespace mc::app
