#include "support/webhook_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>

namespace mc::test {
namespace {

void must(bool holds, const char* what) {
    if (holds) return;
    std::perror(what);
    std::abort();
}

std::string small(std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

// Removes the first complete request from the received bytes; nullopt while it is incomplete.
std::optional<WebhookRequest> take_request(std::string& received) {
    const std::size_t head_end = received.find("\r\n\r\n");
    if (head_end == std::string::npos) return std::nullopt;
    WebhookRequest request;
    const std::size_t line_end = received.find("\r\n");
    const std::size_t first = received.find(' '), second = received.find(' ', first + 1);
    request.method = received.substr(0, first);
    request.path = received.substr(first + 1, second - first - 1);
    for (std::size_t at = line_end + 2; at < head_end + 2;) {
        const std::size_t end = received.find("\r\n", at), colon = received.find(':', at);
        if (colon < end) {
            const std::size_t value = received.find_first_not_of(' ', colon + 1);
            request.headers[small(received.substr(at, colon - at))] = received.substr(value, end - value);
        }
        at = end + 2;
    }
    const auto length = request.headers.find("content-length");
    const std::size_t size = length == request.headers.end() ? 0 : std::stoul(length->second);
    if (received.size() < head_end + 4 + size) return std::nullopt;
    request.body = received.substr(head_end + 4, size);
    received.erase(0, head_end + 4 + size);
    request.at = std::chrono::steady_clock::now();
    return request;
}

bool send_all(int fd, const std::string& text) {
    for (std::size_t sent = 0; sent < text.size();) {
        const ssize_t count = send(fd, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) return false;
        sent += static_cast<std::size_t>(count);
    }
    return true;
}

std::string http_text(const WebhookReply& reply) {
    std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " Said\r\n";
    for (const auto& [name, value] : reply.headers) text.append(name).append(": ").append(value).append("\r\n");
    return text + "Content-Length: " + std::to_string(reply.body.size()) + "\r\n\r\n" + reply.body;
}

}  // namespace

WebhookServer::WebhookServer() { listen_on(0); }

WebhookServer::~WebhookServer() { die(); }

std::string WebhookServer::url() const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/services/T000/B000/s3cr3tT0KEN";
}

void WebhookServer::next(std::vector<WebhookReply> replies) {
    const std::lock_guard lock(mutex_);
    replies_.assign(replies.begin(), replies.end());
}

void WebhookServer::always(WebhookReply reply) {
    const std::lock_guard lock(mutex_);
    always_ = std::move(reply);
}

std::vector<WebhookRequest> WebhookServer::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

void WebhookServer::die() {
    if (!thread_.joinable()) return;
    const std::uint64_t one = 1;
    must(write(bell_, &one, sizeof one) == sizeof one, "eventfd");
    thread_.join();
    close(listener_);
    close(bell_);
}

void WebhookServer::come_back() {
    if (!thread_.joinable()) listen_on(port_);
}

void WebhookServer::listen_on(std::uint16_t port) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(listener_ >= 0, "socket");
    const int yes = 1;
    must(setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0, "setsockopt");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    must(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "bind");
    must(listen(listener_, 64) == 0, "listen");
    socklen_t size = sizeof address;
    must(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0, "getsockname");
    port_ = ntohs(address.sin_port);
    bell_ = eventfd(0, EFD_CLOEXEC);
    must(bell_ >= 0, "eventfd");
    thread_ = std::thread([this] { serve(); });
}

void WebhookServer::serve() {
    std::vector<Connection> connections;
    while (true) {
        std::vector<pollfd> polled{{bell_, POLLIN, 0}, {listener_, POLLIN, 0}};
        for (const Connection& connection : connections) polled.push_back({connection.fd, POLLIN, 0});
        if (poll(polled.data(), polled.size(), -1) < 0) continue;
        if (polled[0].revents != 0) break;
        std::vector<Connection> open;
        for (std::size_t i = 0; i < connections.size(); ++i) {
            Connection& connection = connections[i];
            if (polled[i + 2].revents == 0 || (read_some(connection) && answer_all(connection)))
                open.push_back(std::move(connection));
            else close(connection.fd);
        }
        connections = std::move(open);
        if (polled[1].revents != 0)
            if (const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC); fd >= 0)
                connections.push_back({fd, "", false});
    }
    for (const Connection& connection : connections) close(connection.fd);
}

bool WebhookServer::read_some(Connection& connection) {
    std::array<char, 65536> buffer{};
    const ssize_t count = recv(connection.fd, buffer.data(), buffer.size(), 0);
    if (count <= 0) return false;
    connection.received.append(buffer.data(), static_cast<std::size_t>(count));
    return true;
}

bool WebhookServer::answer_all(Connection& connection) {
    while (!connection.hangs) {
        std::optional<WebhookRequest> request = take_request(connection.received);
        if (!request) return true;
        if (!reply_to(connection, *std::move(request))) return false;
    }
    return true;
}

bool WebhookServer::reply_to(Connection& connection, WebhookRequest request) {
    WebhookReply reply;
    {
        const std::lock_guard lock(mutex_);
        reply = replies_.empty() ? always_ : replies_.front();
        if (!replies_.empty()) replies_.pop_front();
        request.answered = reply.status;
        requests_.push_back(std::move(request));
    }
    switch (reply.kind) {
        case WebhookReply::Kind::http: return send_all(connection.fd, http_text(reply));
        case WebhookReply::Kind::hang: connection.hangs = true; return true;
        case WebhookReply::Kind::close: return false;
        case WebhookReply::Kind::garbage: send_all(connection.fd, "\x01\x02 what is this? \xff\n\n"); return false;
    }
    return false;
}

}  // namespace mc::test
