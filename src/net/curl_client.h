// curl_client.h — posts JSON and requests the status of web addresses (looks), by libcurl on the daemon's event loop.
//
// libcurl needs 33 other libraries, so it is loaded for the first request, not at the start. Proxies come from the
// environment, as for curl. Redirects are not followed; only http and https are used. Web addresses are
// secrets: they are never part of an error text.
//
// Bounds     a post or a look takes at most `patience`; connecting at most 10 s of it. The first 64 KB of a post's
//            answer are kept.
// Ownership  the loop must outlive the client; requests in progress when it is destroyed are never answered.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

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

   private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace mc::os
