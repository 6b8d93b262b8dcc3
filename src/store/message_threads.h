// message_threads.h — which message of a bot began an alert's thread: what comes later of the alert goes there.
//
// A thread is removed with its alert's run. Errors are of kind store.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/run.h"

namespace mc {

// The message by which a bot told a Slack target of an alert, and what it said.
struct SlackThread {
    std::string target;  // "slack:ops"
    RunId alert = 0;
    std::string channel, ts;  // how Slack knows it
    std::string body;         // JSON
    std::string configured;   // the channel as the file named it then; "" = not known
    bool operator==(const SlackThread&) const = default;
};

class MessageThreads {
   public:
    virtual ~MessageThreads() = default;
    virtual Result<std::optional<SlackThread>> thread(std::string_view target, RunId alert) const = 0;
    // Those whose alert has closed, when no message of its job waits that could still say so.
    virtual Result<std::vector<std::pair<SlackThread, Alert>>> closed_threads() const = 0;
    virtual Result<void> keep_thread(const SlackThread& thread) = 0;  // in place of an older one
    virtual Result<void> drop_thread(std::string_view target, RunId alert) = 0;
};

}  // namespace mc
