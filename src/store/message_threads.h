// message_threads.h — the Slack messages that began the threads of alerts: later messages of an alert go to its thread.
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

// The message with which a bot notified a Slack target of an alert.
struct SlackThread {
    std::string target;  // "slack:ops"
    RunId alert = 0;
    std::string channel, ts;  // Slack's identifier of the message
    std::string body;         // JSON
    std::string configured;   // the channel in the configuration at that time; "": not known
    bool operator==(const SlackThread&) const = default;
};

class MessageThreads {
   public:
    virtual ~MessageThreads() = default;
    virtual Result<std::optional<SlackThread>> thread(std::string_view target, RunId alert) const = 0;
    // The threads of closed alerts whose job has no message left in the outbox.
    virtual Result<std::vector<std::pair<SlackThread, Alert>>> closed_threads() const = 0;
    virtual Result<void> keep_thread(const SlackThread& thread) = 0;  // replaces an older one
    virtual Result<void> drop_thread(std::string_view target, RunId alert) = 0;
};

}  // namespace mc
