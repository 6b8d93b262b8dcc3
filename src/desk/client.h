// client.h — how commands ask the daemon, over its control API.
#pragma once

#include <chrono>
#include <string>

#include "desk/command.h"
#include "desk/json.h"

namespace mc::app {

// How long a command that only reads waits in all, because its user's requests have taken too much of the daemon's time.
constexpr std::chrono::seconds longest_wait{60};

// Sends a request to the daemon on that socket; `body` is JSON text or "". A GET that the daemon refuses for now is sent
// again when it permits that, within `longest_wait`; a user at a terminal reads why it takes so long. Error: no_daemon,
// if no daemon answers; usage or refused, with the daemon's message, if it reports an error; network, for an answer that
// is not JSON. A refused action is not an Error: its answer has "ok": false.
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
