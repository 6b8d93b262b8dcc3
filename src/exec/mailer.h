// mailer.h — gives a message to a program with the sendmail interface, on the daemon's loop.
//
// The program reads the message from a file in memory, so that it may read as slowly as it likes; what it
// prints is read to the end and its first 4 KB are kept. It runs as we do, in / and a session of its own,
// with PATH, HOME, USER, LOGNAME and LANG in its environment and nothing else.
//
// Bounds     `patience`; then it and its process group get SIGKILL. At most 4 at once, the others wait for them; none
//            while 20 hang that cannot be killed.
// Ownership  the loop must outlive the mailer. Programs still running when it is destroyed are killed: nobody would
//            hear of their end, and the message goes again.
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
    std::optional<int> exit_code;  // absent: it could not be started, was killed or took too long
    std::string text;              // what it printed, or why there is no exit code
};

class Mailer {
   public:
    using Done = std::function<void(MailerEnd)>;

    explicit Mailer(EventLoop& loop, std::chrono::seconds patience = std::chrono::seconds{60});
    ~Mailer();
    Mailer(const Mailer&) = delete;
    Mailer& operator=(const Mailer&) = delete;

    // `done` exactly once, from the loop, never from within this call.
    void send(std::vector<std::string> argv, std::string message, Done done);

   private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace mc::os
