// webhook_server.h — a real HTTP/1.1 server on loopback that answers as a test tells it to.
//
// Listens on 127.0.0.1 at a port that the kernel chose, in a thread of its own, until it is destroyed. It
// can die (every connection is cut, the port refuses) and return on the same port. Connections are kept
// alive, as Slack's are. For tests only: it aborts the test program when the system refuses a socket.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace mc::test {

struct WebhookReply {
    enum class Kind {
        http,     // status, headers, body
        garbage,  // bytes that are no HTTP
        hang,     // nothing, and the connection stays open
        close,    // nothing, and the connection is cut
    } kind = Kind::http;
    int status = 200;
    std::string body = "ok";
    std::map<std::string, std::string> headers;

    static WebhookReply http(int status, std::string body = "", std::map<std::string, std::string> headers = {}) {
        return {Kind::http, status, std::move(body), std::move(headers)};
    }
    static WebhookReply garbage() { return {Kind::garbage, 0, "", {}}; }
    static WebhookReply hang() { return {Kind::hang, 0, "", {}}; }
    static WebhookReply close() { return {Kind::close, 0, "", {}}; }
};

struct WebhookRequest {
    std::chrono::steady_clock::time_point at;  // wholly arrived
    std::string method, path, body;
    std::map<std::string, std::string> headers;  // names in small letters
    int answered = 0;                            // the status, 0 for none
};

class WebhookServer {
   public:
    WebhookServer();
    ~WebhookServer();
    WebhookServer(const WebhookServer&) = delete;
    WebhookServer& operator=(const WebhookServer&) = delete;

    // "http://127.0.0.1:PORT/services/T000/B000/s3cr3tT0KEN"
    std::string url() const;
    // The next requests get these, one each; those after them 200 and "ok", or what `always` says.
    void next(std::vector<WebhookReply> replies);
    void always(WebhookReply reply);
    std::vector<WebhookRequest> requests() const;

    void die();
    void come_back();

   private:
    struct Connection {
        int fd = -1;
        std::string received;
        bool hangs = false;
    };
    void listen_on(std::uint16_t port);
    void serve();
    bool read_some(Connection& connection);  // false: it is over
    bool answer_all(Connection& connection);
    bool reply_to(Connection& connection, WebhookRequest request);

    mutable std::mutex mutex_;  // guards the next three
    std::deque<WebhookReply> replies_;
    WebhookReply always_;
    std::vector<WebhookRequest> requests_;

    int listener_ = -1, bell_ = -1;  // bell_: an eventfd that ends serve()
    std::uint16_t port_ = 0;
    std::thread thread_;
};

}  // namespace mc::test
