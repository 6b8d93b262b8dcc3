// smtp_client.h — sends mails to a server, by libcurl in helper threads.
//
// After the last line of a mail libcurl waits for the server's reply in a blocking call, and so it does when it closes a
// connection. So each mail in progress has its own thread; the loop never waits for a server. libcurl is loaded for the
// first mail. Proxies come from the environment, as for curl. Passwords are never part of an error text.
//
// Bounds     connecting takes at most 10 s, a mail 120 s. At most 4 mails are sent at the same time; further mails wait.
// Threads    no thread runs while no mail is sent.
// Ownership  the loop must outlive the client. Mails in progress when it is destroyed are never answered; their
//            connections are closed, and the destructor waits for their threads: no longer than a second.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "os/event_loop.h"

namespace mc::os {

struct ServerMail {
    enum class Tls { required, opportunistic, none } tls = Tls::required;
    std::string server;          // "smtp://HOST[:PORT]" or "smtps://..."
    std::string ca_file;         // "" = the system's
    std::string user, password;  // "" = no login
    std::string from;
    std::vector<std::string> to;
    std::string message;  // lines ending in "\n"
};

struct ServerReply {
    int status = 0;     // the server's reply if it decided (250, 550); 0: it did not, `error` is the cause
    std::string error;  // the server's text, or why there is none; "" = the mail was accepted
};

class SmtpClient {
   public:
    using Done = std::function<void(ServerReply)>;

    explicit SmtpClient(EventLoop& loop);
    ~SmtpClient();
    SmtpClient(const SmtpClient&) = delete;
    SmtpClient& operator=(const SmtpClient&) = delete;

    // Calls `done` exactly once, from the loop, never from within this call. Mails begin in the order of the calls.
    // Connections are kept for the next mail. A mail to the same server with another `tls` or `ca_file` closes them
    // first; a mail that is being sent over one of them is not disturbed.
    void send(ServerMail mail, Done done);

   private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace mc::os
