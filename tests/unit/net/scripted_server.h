// scripted_server.h — a web server on loopback that gives each connection the next of its answers, byte by byte as written.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "os/descriptor.h"

namespace mc::os::test {

// Closes each connection after its answer. A request ends with "}" or with its headers.
class ScriptedServer {
   public:
    explicit ScriptedServer(std::vector<std::string> answers)
        : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), answers_(std::move(answers)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
        REQUIRE(::listen(socket_.get(), 8) == 0);
        REQUIRE(::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~ScriptedServer() {
        ::shutdown(socket_.get(), SHUT_RDWR);
        thread_.join();
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/services/T0/SECRET"; }
    const std::vector<std::string>& questions() const { return questions_; }

   private:
    void serve() {
        for (const std::string& answer : answers_) {
            const Descriptor connection{::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
            if (!connection) return;
            std::string question;
            char buffer[4096];
            while (!question.ends_with("}") && !question.ends_with("\r\n\r\n")) {
                const ssize_t got = ::recv(connection.get(), buffer, sizeof buffer, 0);
                if (got <= 0) break;
                question.append(buffer, static_cast<std::size_t>(got));
            }
            questions_.push_back(question);
            (void)::send(connection.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
        }
    }
    Descriptor socket_;
    std::uint16_t port_ = 0;
    std::vector<std::string> answers_, questions_;
    std::thread thread_;
};

}  // namespace mc::os::test
