// webhook_server.h — a real HTTP/1.1 server on loopback with answers that a test chooses.
//
// Listens on 127.0.0.1 at a port chosen by the kernel, in its own thread, until it is destroyed. It
// can die (all connections are closed, the port refuses) and return on the same port. Connections are kept
// alive, as by Slack. For tests only: it aborts the test program when the system refuses a socket.
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
        garbage,  // bytes that are not HTTP
        hang,     // nothing; the connection stays open
        close,    // nothing; the connection is closed
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
    std::chrono::steady_clock::time_point at;  // when it was complete
    std::string method, path, body;
    std::map<std::string, std::string> headers;  // names in lower case
    int answered = 0;                            // the status; 0 without an answer
};

class WebhookServer {
   public:
    WebhookServer();
    ~WebhookServer();
    WebhookServer(const WebhookServer&) = delete;
    WebhookServer& operator=(const WebhookServer&) = delete;

    // "http://127.0.0.1:PORT/services/T000/B000/s3cr3tT0KEN"
    std::string url() const;
    // The next requests get these replies, one each; later requests get 200 and "ok", or the reply of `always`.
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
    bool read_some(Connection& connection);  // false: the connection has ended
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
