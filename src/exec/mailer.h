// mailer.h — passes a message to a program with the sendmail interface, on the daemon's event loop.
//
// The program reads the message from a file in memory, at any speed; its output is read to the end and the first
// 4 KB are kept. It runs as our user, in / and its own session, with only PATH, HOME, USER, LOGNAME and LANG in its
// environment.
//
// Bounds     after `patience` the program and its process group get SIGKILL. At most 4 run at the same time; others
//            wait. None is started while 20 hang that cannot be killed.
// Ownership  the loop must outlive the mailer. Programs still running when it is destroyed are killed: their result
//            would be lost, and the message is sent again.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "os/event_loop.h"

namespace mc::os {

struct MailerEnd {
    std::optional<int> exit_code;  // absent: it could not be started, was killed, or took too long
    std::string text;              // its output, or why there is no exit code
};

class Mailer {
   public:
    using Done = std::function<void(MailerEnd)>;

    explicit Mailer(EventLoop& loop, std::chrono::seconds patience = std::chrono::seconds{60});
    ~Mailer();
    Mailer(const Mailer&) = delete;
    Mailer& operator=(const Mailer&) = delete;

    // Calls `done` exactly once, from the loop, never from within this call.
    void send(std::vector<std::string> argv, std::string message, Done done);

   private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace mc::os
