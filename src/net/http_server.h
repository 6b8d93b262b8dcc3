// http_server.h — HTTP over a local socket, on the daemon's loop.
//
// Each request is handed over whole, with who sent it as the kernel knows it; the handler answers at once. One that
// throws is answered 500, and the loop reports what it threw (EventLoop::on_failure).
//
// Bounds     headers 16 KB, body 1 MB; a silent connection is closed after 30 s. Of users other than root and us 16
//            connections each, 128 in all; what is more is closed at once.
// Ownership  the loop must outlive the server. The socket file goes with the server, if it is still ours.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "os/event_loop.h"

namespace mc::os {

struct Peer {
    std::uint32_t uid = 0;
    std::vector<std::uint32_t> groups;  // all of them
};

struct HttpRequest {
    std::string method;  // "GET", "POST", "PUT", "DELETE"
    std::string path;    // decoded, without the query
    std::map<std::string, std::string> query;
    std::string bad_query;  // "" or what is wrong with it: a name that came twice, a NUL
    std::string body;
    Peer peer;
};

struct HttpReply {
    int status = 200;
    std::string body;  // JSON
};

class HttpServer {
   public:
    using Handler = std::function<HttpReply(const HttpRequest&)>;

    // Makes the socket with that mode. A file that nobody answers on is replaced. When somebody removes the socket's file,
    // it is made again. Error: refused, when somebody answers there; process.
    static Result<HttpServer> listen(EventLoop& loop, const std::string& socket, unsigned mode, Handler handler);
    // Called when a file that was removed could not be made again, with the reason: it is tried again every 5 seconds;
    // and with "" when it was made.
    void on_lost(std::function<void(const std::string& why)> report);
    ~HttpServer();
    HttpServer(HttpServer&&) noexcept;
    HttpServer& operator=(HttpServer&&) noexcept;

   private:
    struct Body;
    explicit HttpServer(std::unique_ptr<Body> body);
    std::unique_ptr<Body> body_;
};

}  // namespace mc::os
