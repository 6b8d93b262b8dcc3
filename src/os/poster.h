// poster.h — posts JSON to web addresses, by libcurl on the daemon's loop.
//
// libcurl drags in 33 libraries, so it is loaded when the first post is due, not at the start. Proxies
// are taken from the environment as curl takes them. Redirects are not followed; only http and https are
// spoken. An address is a secret: it stands in no error text.
//
// Bounds     a post takes at most 30 s, 10 of them to connect; of the answer's body the first 4 KB are kept.
// Ownership  the loop must outlive the poster; posts under way when it is destroyed are never answered.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "os/event_loop.h"

namespace mc::os {

struct PostAnswer {
    int status = 0;     // 0: no answer, and `error` says why
    std::string error;  // never with the address
    std::string retry_after, body;
};

class Poster {
   public:
    using Done = std::function<void(PostAnswer)>;

    explicit Poster(EventLoop& loop);
    ~Poster();
    Poster(const Poster&) = delete;
    Poster& operator=(const Poster&) = delete;

    // `done` exactly once, from the loop, never from within this call.
    void post(const std::string& url, const std::string& json, Done done);

   private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace mc::os
