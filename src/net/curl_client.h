// curl_client.h — posts JSON to web addresses, looks at some, and mails to a server, by libcurl on the daemon's loop.
//
// libcurl drags in 33 libraries, so it is loaded when the first post is due, not at the start. Proxies
// are taken from the environment as curl takes them. Redirects are not followed; only http, https, smtp and
// smtps are spoken. A web address is a secret, and so is a password: they stand in no error text.
//
// Bounds     a post or a look takes at most `patience`, a mail 120 s, 10 of them to connect; of the answer's body the first
//            4 KB are kept.
// Ownership  the loop must outlive the poster; posts under way when it is destroyed are never answered.
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
    int status = 0;     // 0: no answer, and `error` says why
    std::string error;  // never with the address
    std::string retry_after, body;
    bool refused = false;  // a look that was not begun, because others took all places
};

// JSON to be posted.
struct WebPost {
    std::string url, json;
    WebHeaders headers{};   // besides Content-Type
    std::string ca_file{};  // "" = the system's
};

// A request of which only the status is wanted.
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

    // `patience`: of posts and looks.
    explicit CurlClient(EventLoop& loop, std::chrono::seconds patience = std::chrono::seconds{30});
    ~CurlClient();
    CurlClient(const CurlClient&) = delete;
    CurlClient& operator=(const CurlClient&) = delete;

    // `done` exactly once, from the loop, never from within this call.
    void post(WebPost post, Done done);
    // The same; an answer's body is not waited for. At most 100 at once and four of one server; the others wait for
    // them, for `patience` too, and are refused then.
    void look(WebLook look, Done done);
    // The same for a mail: `status` is the server's reply if it decided (250, 550), else 0; `error` what it said. At
    // most 4 at once, the others wait. Connections are kept for the next mail; one to the same server with another `tls`
    // or `ca_file` closes them first, and a mail that is being sent by one of them fails.
    void mail(const ServerMail& mail, Done done);

   private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace mc::os
