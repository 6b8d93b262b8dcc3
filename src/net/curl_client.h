// curl_client.h — posts JSON, requests the status of web addresses (looks), and sends mails to a server, by libcurl on the
// daemon's event loop.
//
// libcurl needs 33 other libraries, so it is loaded for the first request, not at the start. Proxies come from the
// environment, as for curl. Redirects are not followed; only http, https, smtp and smtps are used. Web addresses and
// passwords are secrets: they are never part of an error text.
//
// Bounds     a post or a look takes at most `patience`, a mail 120 s; connecting at most 10 s of them. The first 64 KB
//            of a post's answer are kept.
// Ownership  the loop must outlive the client; requests and mails in progress when it is destroyed are never answered.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/web_request.h"
#include "os/event_loop.h"

namespace mc::os {

struct PostAnswer {
    int status = 0;     // 0: no answer; `error` is the cause
    std::string error;  // never with the address
    std::string retry_after, body;
    bool refused = false;  // a look that was not begun, because other looks took all slots
};

// JSON to be posted.
struct WebPost {
    std::string url, json;
    WebHeaders headers{};   // in addition to Content-Type
    std::string ca_file{};  // "" = the system's
};

// A request for the status alone.
struct WebLook {
    std::string url;
    WebHeaders headers;
    bool head = false;    // HEAD, else GET
    std::string ca_file;  // "" = the system's
};

struct ServerMail {
    enum class Tls { required, opportunistic, none } tls = Tls::required;
    std::string server;          // "smtp://HOST[:PORT]" or "smtps://..."
    std::string ca_file;         // "" = the system's
    std::string user, password;  // "" = no login
    std::string from;
    std::vector<std::string> to;
    std::string message;  // lines ending in "\n"
};

class CurlClient {
   public:
    using Done = std::function<void(PostAnswer)>;

    // `patience`: the time limit of posts and looks.
    explicit CurlClient(EventLoop& loop, std::chrono::seconds patience = std::chrono::seconds{30});
    ~CurlClient();
    CurlClient(const CurlClient&) = delete;
    CurlClient& operator=(const CurlClient&) = delete;

    // Calls `done` exactly once, from the loop, never from within this call.
    void post(WebPost post, Done done);
    // The same; does not wait for the answer's body. At most 100 at the same time and 4 to one server; further looks
    // wait for a slot for at most `patience`, and are then refused.
    void look(WebLook look, Done done);
    // The same for a mail: `status` is the server's reply if it decided (250, 550), otherwise 0; `error` is its text.
    // At most 4 at the same time; further mails wait. Connections are kept for the next mail. A mail to the same server
    // with another `tls` or `ca_file` closes them first, and a mail that is being sent over one of them fails.
    void mail(const ServerMail& mail, Done done);

   private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace mc::os
