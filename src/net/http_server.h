// http_server.h — HTTP over a local socket, on the daemon's event loop.
//
// The handler gets each complete request with its sender's user and groups from the kernel, and answers at once. If it
// throws, the answer is 500 and the loop reports the exception (EventLoop::on_failure).
//
// Bounds     headers 16 KB, body 1 MB; a silent connection is closed after 30 s. Users other than root and the daemon's
//            have at most 16 connections each and 128 together; further ones are closed at once.
// Ownership  the loop must outlive the server. The server removes the socket file, if it is still its own.
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
    std::string bad_query;  // "" or the error in the query: a name that occurs twice, a NUL
    std::string body;
    Peer peer;
};

struct HttpReply {
    int status = 200;
    std::string body;                                            // JSON
    std::vector<std::pair<std::string, std::string>> headers{};  // in addition to Content-Type
};

class HttpServer {
   public:
    using Handler = std::function<HttpReply(const HttpRequest&)>;

    // Creates the socket with that mode. A socket without a listener is replaced. If the socket's file is removed, it
    // is created again. Error: refused, when a process answers on the path or it is not a socket; process.
    static Result<HttpServer> listen(EventLoop& loop, const std::string& socket, unsigned mode, Handler handler);
    // Called with the reason when a removed file could not be created again (retried every 5 seconds), and with "" when
    // it was.
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
