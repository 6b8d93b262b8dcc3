// Mails to a real SMTP server on loopback that answers as a test says.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <list>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "net/smtp_client.h"
#include "os/clock.h"
#include "os/descriptor.h"
#include "unit/os/eventually.h"

namespace mc::os::test {

namespace {

using namespace std::chrono_literals;

// Each connection has its own thread; the destructor ends them.
class MailServer {
   public:
    // The reply to a command line; "" = the usual one; "hold" = none until release().
    using Reply = std::function<std::string(const std::string& command)>;

    explicit MailServer(Reply reply = [](const std::string&) { return ""; })
        : reply_(std::move(reply)), socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
        REQUIRE(::listen(socket_.get(), 32) == 0);
        REQUIRE(::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port_ = ntohs(address.sin_port);
        acceptor_ = std::thread([this] { accept_all(); });
    }
    ~MailServer() {
        release();
        ::shutdown(socket_.get(), SHUT_RDWR);
        acceptor_.join();
        for (const Descriptor& connection : connections_) ::shutdown(connection.get(), SHUT_RDWR);
        for (std::thread& thread : threads_) thread.join();
    }
    MailServer(const MailServer&) = delete;
    MailServer& operator=(const MailServer&) = delete;

    std::string url() const { return "smtp://127.0.0.1:" + std::to_string(port_); }
    void release() {
        const std::lock_guard locked(lock_);
        held_ = false;
    }
    // Those that the client has not closed.
    std::size_t open_connections() const {
        const std::lock_guard locked(lock_);
        return connections_.size() - ended_;
    }
    std::size_t connections() const {
        const std::lock_guard locked(lock_);
        return connections_.size();
    }
    // Those that wait for release().
    std::size_t holding() const {
        const std::lock_guard locked(lock_);
        return holding_;
    }
    std::vector<std::string> commands() const {
        const std::lock_guard locked(lock_);
        return commands_;
    }
    std::vector<std::string> messages() const {
        const std::lock_guard locked(lock_);
        return messages_;
    }

   private:
    void accept_all() {
        for (;;) {
            Descriptor made{::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
            if (!made) return;
            const std::lock_guard locked(lock_);
            const int fd = connections_.emplace_back(std::move(made)).get();
            threads_.emplace_back([this, fd] {
                serve(fd);
                const std::lock_guard ended(lock_);
                ++ended_;
            });
        }
    }

    static std::string usual(const std::string& command) {
        if (command == "greeting") return "220 ready";
        if (command.starts_with("EHLO")) return "250-here\r\n250 AUTH PLAIN";
        if (command == "DATA") return "354 go on";
        if (command.starts_with("AUTH")) return "334 ";
        const bool is_login = command != "message" && command.find_first_of(" :") == std::string::npos;
        return is_login && command != "QUIT" ? "235 welcome" : "250 fine";
    }

    bool answer(int fd, const std::string& command) {
        std::string text = reply_(command);
        if (text == "hold") {
            wait_for_release();
            text.clear();
        }
        if (text.empty()) text = usual(command);
        text += "\r\n";
        return ::send(fd, text.data(), text.size(), MSG_NOSIGNAL) > 0;
    }

    void wait_for_release() {
        const auto change = [&](int by) {
            const std::lock_guard locked(lock_);
            holding_ += static_cast<std::size_t>(by);
            return held_;
        };
        for (bool held = change(1); held; held = change(0)) std::this_thread::sleep_for(2ms);
        change(-1);
    }

    void serve(int fd) {
        std::string received;
        bool is_message = false;
        if (!answer(fd, "greeting")) return;
        for (char buffer[4096];;) {
            const ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
            if (got <= 0) return;
            received.append(buffer, static_cast<std::size_t>(got));
            for (;;) {
                const std::string end = is_message ? "\r\n.\r\n" : "\r\n";
                const std::size_t at = received.find(end);
                if (at == std::string::npos) break;
                const std::string taken = received.substr(0, at);
                received.erase(0, at + end.size());
                {
                    const std::lock_guard locked(lock_);
                    (is_message ? messages_ : commands_).push_back(taken);
                }
                if (!answer(fd, is_message ? "message" : taken)) return;
                const std::string asked = reply_("DATA");
                is_message = !is_message && taken == "DATA" && (asked.empty() || asked == "hold");
            }
        }
    }

    Reply reply_;
    Descriptor socket_;
    std::uint16_t port_ = 0;
    mutable std::mutex lock_;  // guards the next six
    bool held_ = true;
    std::size_t holding_ = 0, ended_ = 0;
    std::list<Descriptor> connections_;
    std::list<std::thread> threads_;
    std::vector<std::string> commands_, messages_;
    std::thread acceptor_;
};

ServerMail mail_to(const MailServer& server) {
    ServerMail mail;
    mail.tls = ServerMail::Tls::none;
    mail.server = server.url();
    mail.from = "marketcron@desk";
    mail.to = {"ann@desk", "bob@desk"};
    mail.message = "Subject: late\n\nreport is late\n";
    return mail;
}

struct Office {
    EventLoop loop;
    SmtpClient client{loop};
    std::vector<ServerReply> answers;

    void send(const ServerMail& mail) {
        client.send(mail, [this](ServerReply answer) { answers.push_back(std::move(answer)); });
    }
    // Runs the loop until `holds`; the limit only ends a test that has failed.
    void run_until(const std::function<bool()>& holds) {
        const auto until = monotonic_now() + 20s;
        std::function<void()> look;
        MonotonicTimer timer(loop, [&] { look(); });
        look = [&] {
            if (holds() || monotonic_now() > until) return loop.stop();
            timer.arm((monotonic_now() + 5ms).time_since_epoch());
        };
        timer.arm(monotonic_now().time_since_epoch());
        loop.run();
        REQUIRE(holds());
    }
    ServerReply answer_to(const ServerMail& mail) {
        answers.clear();
        send(mail);
        CHECK(answers.empty());
        run_until([&] { return !answers.empty(); });
        CHECK(answers.size() == 1);
        return answers.front();
    }
};

}  // namespace

TEST_CASE("a mail arrives at its server, for all its recipients, with lines that end in CR LF") {
    MailServer server;
    Office office;
    const ServerReply answer = office.answer_to(mail_to(server));
    CHECK(answer.status == 250);
    CHECK(answer.error.empty());
    CHECK(server.messages() == std::vector<std::string>{"Subject: late\r\n\r\nreport is late"});
    const std::vector<std::string> commands = server.commands();
    REQUIRE(commands.size() >= 4);
    CHECK(commands[1].starts_with("MAIL FROM:<marketcron@desk>"));
    CHECK(commands[2] == "RCPT TO:<ann@desk>");
    CHECK(commands[3] == "RCPT TO:<bob@desk>");
}

TEST_CASE("a mail that its server refuses has the server's status and text") {
    for (const auto& [command, reply] :
         std::vector<std::pair<std::string, std::string>>{{"MAIL", "451 come back later"},
                                                          {"RCPT", "550 no such user"},
                                                          {"DATA", "554 not from here"},
                                                          {"message", "552 too large"}}) {
        INFO(command);
        MailServer server([&, command = command, reply = reply](const std::string& given) {
            return given.starts_with(command) ? reply : std::string();
        });
        Office office;
        const ServerReply answer = office.answer_to(mail_to(server));
        CHECK(answer.status == std::stoi(reply));
        CHECK(answer.error == reply);
    }
}

TEST_CASE("a server that will not talk, or is not there, has not decided about a mail") {
    MailServer busy([](const std::string& given) { return given == "greeting" ? "554 too busy" : ""; });
    Office office;
    const ServerReply greeted = office.answer_to(mail_to(busy));
    CHECK(greeted.status == 0);
    CHECK(greeted.error == "554 too busy");
    ServerMail mail = mail_to(busy);
    mail.server = "smtp://127.0.0.1:1";
    const ServerReply missing = office.answer_to(mail);
    CHECK(missing.status == 0);
    CHECK_FALSE(missing.error.empty());
}

TEST_CASE("a login is sent; a refused one is decided, and its password not in the error") {
    std::atomic<bool> good = true;
    MailServer server([&](const std::string& given) {
        return given.starts_with("AUTH") && !good ? "535 hunter2 is not the password" : "";
    });
    ServerMail mail = mail_to(server);
    mail.user = "desk";
    mail.password = "hunter2";
    {
        Office office;
        CHECK(office.answer_to(mail).status == 250);
        const auto commands = server.commands();
        CHECK(std::count(commands.begin(), commands.end(), "AGRlc2sAaHVudGVyMg==") == 1);  // NUL desk NUL hunter2
    }
    good = false;
    Office office;
    const ServerReply answer = office.answer_to(mail);
    CHECK(answer.status == 535);
    CHECK_THAT(answer.error, Catch::StartsWith("535 "));
    CHECK_THAT(answer.error, !Catch::Contains("hunter2"));
}

TEST_CASE("no mail where TLS is required and not offered; opportunistic goes without") {
    MailServer server;
    Office office;
    ServerMail mail = mail_to(server);
    mail.tls = ServerMail::Tls::required;
    const ServerReply refused = office.answer_to(mail);
    CHECK(refused.status == 0);
    CHECK_FALSE(refused.error.empty());
    CHECK(server.messages().empty());
    mail.tls = ServerMail::Tls::opportunistic;
    CHECK(office.answer_to(mail).status == 250);
    CHECK(server.messages().size() == 1);
}

TEST_CASE("a connection is kept for the next mail, but not for one with other settings of TLS") {
    MailServer server, other;
    Office office;
    ServerMail mail = mail_to(server);
    CHECK(office.answer_to(mail).status == 250);
    CHECK(office.answer_to(mail).status == 250);
    CHECK(server.connections() == 1);
    CHECK(office.answer_to(mail_to(other)).status == 250);  // another server's connection is no obstacle
    CHECK(office.answer_to(mail).status == 250);
    CHECK(server.connections() == 1);
    mail.tls = ServerMail::Tls::opportunistic;
    CHECK(office.answer_to(mail).status == 250);
    CHECK(server.connections() == 2);
    mail.ca_file = "/etc/ssl/certs/ca-certificates.crt";
    CHECK(office.answer_to(mail).status == 250);
    CHECK(server.connections() == 3);
    CHECK(server.messages().size() == 5);
    CHECK(eventually([&] { return server.open_connections() == 1; }));
    CHECK(other.open_connections() == 1);
}

TEST_CASE("at most four mails are sent at the same time, and the others follow in their order") {
    const std::string silent_after = GENERATE("DATA", "message");
    MailServer server([&](const std::string& given) { return given == silent_after ? "hold" : ""; });
    Office office;
    for (int i = 0; i < 6; ++i) {
        ServerMail mail = mail_to(server);
        mail.message = "mail " + std::to_string(i) + "\n";
        office.send(mail);
    }
    office.run_until([&] { return server.holding() == 4; });
    CHECK(server.connections() == 4);
    CHECK(office.answers.empty());
    server.release();
    office.run_until([&] { return office.answers.size() == 6; });
    CHECK(std::count_if(office.answers.begin(), office.answers.end(),
                        [](const ServerReply& one) { return one.status == 250; }) == 6);
    std::vector<std::string> messages = server.messages();
    REQUIRE(messages.size() == 6);
    std::sort(messages.begin(), messages.end());
    for (int i = 0; i < 6; ++i) CHECK(messages[static_cast<std::size_t>(i)] == "mail " + std::to_string(i));
    CHECK(server.connections() == 4);
}

TEST_CASE("a server that is silent, at any time, does not block the loop") {
    const std::string silent_after = GENERATE("greeting", "EHLO", "MAIL", "DATA", "message", "QUIT");
    INFO(silent_after);
    MailServer server([&](const std::string& given) {
        if (silent_after == "QUIT" && given.starts_with("RCPT")) return "550 no such user";
        return given.starts_with(silent_after) ? "hold" : "";
    });
    Office office;
    office.send(mail_to(server));
    office.run_until([&] { return server.holding() == 1; });
    const auto begun = monotonic_now();
    int turns = 0;
    office.run_until([&] { return ++turns >= 10; });
    CHECK(monotonic_now() - begun < 5s);
    CHECK(office.answers.empty());
    server.release();
    office.run_until([&] { return office.answers.size() == 1; });
    CHECK(office.answers.front().status == (silent_after == "QUIT" ? 550 : 250));
}

TEST_CASE("a mail that is being sent is not disturbed by one with other settings of TLS") {
    MailServer server([](const std::string& given) { return given == "message" ? "hold" : ""; });
    Office office;
    ServerMail mail = mail_to(server);
    office.send(mail);
    office.run_until([&] { return server.holding() == 1; });
    mail.tls = ServerMail::Tls::opportunistic;
    office.send(mail);
    office.run_until([&] { return server.holding() == 2; });
    CHECK(server.connections() == 2);
    server.release();
    office.run_until([&] { return office.answers.size() == 2; });
    for (const ServerReply& reply : office.answers) CHECK(reply.status == 250);
}

TEST_CASE("a callback that throws does not stop the mails that wait") {
    MailServer server;
    Office office;
    int failures = 0, answered = 0;
    office.loop.on_failure([&](const std::string&) { ++failures; });
    for (int i = 0; i < 6; ++i)
        office.client.send(mail_to(server), [&](const ServerReply& answer) {
            answered += answer.status == 250 ? 1 : 0;
            throw std::out_of_range("map::at");
        });
    office.run_until([&] { return failures == 6; });
    CHECK(answered == 6);
}

TEST_CASE("a client that ends closes the connections that it kept") {
    MailServer server;
    {
        Office office;
        CHECK(office.answer_to(mail_to(server)).status == 250);
        CHECK(server.open_connections() == 1);
    }
    CHECK(eventually([&] { return server.open_connections() == 0; }));
    EventLoop loop;
    const SmtpClient unused(loop);
}

TEST_CASE("a client that goes while it sends answers nothing and closes its connection at once") {
    const std::string silent_after = GENERATE("EHLO", "DATA", "message");
    MailServer server([&](const std::string& given) { return given.starts_with(silent_after) ? "hold" : ""; });
    Office office;
    int answered = 0;
    MonotonicTime gone{};
    {
        SmtpClient client(office.loop);
        client.send(mail_to(server), [&](const ServerReply&) { ++answered; });
        client.send(mail_to(server), [&](const ServerReply&) { ++answered; });
        office.run_until([&] { return server.holding() == 2; });
        gone = monotonic_now();
    }
    CHECK(monotonic_now() - gone < 5s);
    server.release();
    MonotonicTimer end(office.loop, [&] { office.loop.stop(); });
    end.arm((monotonic_now() + 20ms).time_since_epoch());
    office.loop.run();
    CHECK(answered == 0);
    CHECK(eventually([&] { return server.open_connections() == 0; }));
}

}  // namespace mc::os::test
