// Both sides of the control socket, and posts to a web server, over real sockets.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <ctime>
#include <filesystem>
#include <iterator>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "net/curl_client.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "os/clock.h"
#include "os/descriptor.h"
#include "os/unix_socket.h"
#include "unit/net/scripted_server.h"
#include "unit/os/eventually.h"
#include "unit/os/temporary.h"

namespace mc::os::test {

namespace {

using namespace std::chrono_literals;

// Runs the loop until all requests, made from another thread, have been answered.
template <class Questions>
void while_serving(EventLoop& loop, Questions questions) {
    std::thread client([&] { questions(); });
    MonotonicTimer look(loop, [] {});
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const Descriptor out(ends[0]);
    Descriptor in(ends[1]);
    std::thread waiter([&] {
        client.join();
        in.reset();
    });
    const EventLoop::Watch over = loop.readable(out.get(), [&] { loop.stop(); });
    loop.run();
    waiter.join();
}

PostAnswer post(const std::string& url, const std::string& json) {
    EventLoop loop;
    CurlClient poster(loop);
    PostAnswer answer;
    int calls = 0;
    poster.post({url, json}, [&](PostAnswer given) {
        answer = std::move(given);
        ++calls;
        loop.stop();
    });
    CHECK(calls == 0);
    MonotonicTimer bound(loop, [&] { loop.stop(); });  // only ends a test that has failed
    bound.arm((monotonic_now() + 20s).time_since_epoch());
    loop.run();
    CHECK(calls == 1);
    return answer;
}

}  // namespace

TEST_CASE("a request to the daemon, and who made it") {
    const TemporaryDirectory directory;
    const std::string socket = directory / "deeper/control";
    EventLoop loop;
    HttpRequest seen;
    auto server = HttpServer::listen(loop, socket, 0666, [&](const HttpRequest& request) {
        seen = request;
        return HttpReply{request.path == "/v1/missing" ? 404 : 200, R"({"ok":true})"};
    });
    REQUIRE(server);
    struct stat status {};
    REQUIRE(::stat(socket.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0666);
    while_serving(loop, [&] {
        const auto answer = ask_socket(socket, "POST", "/v1/jobs/a%20b?from=2026-01-02&all=", R"({"x":1})");
        REQUIRE(answer);
        CHECK(answer->status == 200);
        CHECK(answer->body == R"({"ok":true})");
        CHECK(seen.method == "POST");
        CHECK(seen.path == "/v1/jobs/a b");
        CHECK(seen.query == std::map<std::string, std::string>{{"from", "2026-01-02"}, {"all", ""}});
        CHECK(seen.body == R"({"x":1})");
        CHECK(seen.peer.uid == ::geteuid());
        CHECK(std::count(seen.peer.groups.begin(), seen.peer.groups.end(), ::getegid()) > 0);
        const auto missing = ask_socket(socket, "GET", "/v1/missing", "");
        REQUIRE(missing);
        CHECK(missing->status == 404);
        CHECK(ask_socket(socket, "PATCH", "/v1/x", "").value().status == 501);
        CHECK(ask_socket(socket, "POST", "/v1/x", std::string(2'000'000, 'x'))
                  .map([](const HttpAnswer& a) { return a.status; })
                  .value_or(413) == 413);
        // Headers, with the line before them: 16 KB at most.
        CHECK(ask_socket(socket, "GET", "/" + std::string(15'500, 'x'), "").value().status == 200);
        const auto long_one = ask_socket(socket, "GET", "/" + std::string(16'600, 'x'), "");
        CHECK_FALSE((long_one && long_one->status == 200));
    });
}

TEST_CASE("a large answer arrives completely") {
    const TemporaryDirectory directory;
    EventLoop loop;
    const std::string large(5'000'000, 'y');
    auto server = HttpServer::listen(loop, directory / "control", 0600, [&](const HttpRequest&) {
        return HttpReply{200, large};
    });
    REQUIRE(server);
    while_serving(loop, [&] {
        const auto answer = ask_socket(directory / "control", "GET", "/v1/x", "");
        REQUIRE(answer);
        CHECK(answer->body == large);
    });
}

TEST_CASE("a socket in use is refused, a stale one replaced, a regular file left alone") {
    const TemporaryDirectory directory;
    const std::string socket = directory / "control";
    const auto handler = [](const HttpRequest&) { return HttpReply{}; };
    EventLoop loop;
    {
        auto first = HttpServer::listen(loop, socket, 0600, handler);
        REQUIRE(first);
        const auto second = HttpServer::listen(loop, socket, 0600, handler);
        REQUIRE_FALSE(second);
        CHECK(second.error().kind == Error::Kind::refused);
        CHECK(second.error().what.find("in use") != std::string::npos);
    }
    CHECK_FALSE(std::filesystem::exists(socket));
    REQUIRE(listen_unix(socket, 0600));  // closed again: its file still exists
    CHECK(std::filesystem::exists(socket));
    CHECK(HttpServer::listen(loop, socket, 0600, handler));
    write_text(socket, "precious");
    CHECK_FALSE(HttpServer::listen(loop, socket, 0600, handler));
    CHECK(text_of(socket) == "precious");
}

TEST_CASE("a socket whose file is removed, with its directory or not, is created again") {
    const TemporaryDirectory directory;
    const std::string socket = directory / "deeper/control";
    EventLoop loop;
    auto server = HttpServer::listen(loop, socket, 0666, [](const HttpRequest&) { return HttpReply{200, "{}"}; });
    REQUIRE(server);
    std::vector<std::string> told;
    std::mutex lock;
    server->on_lost([&](const std::string& why) {
        const std::lock_guard locked(lock);
        told.push_back(why);
    });
    const auto answers = [&] {
        const auto answer = ask_socket(socket, "GET", "/", "");
        return answer && answer->status == 200;
    };
    while_serving(loop, [&] {
        CHECK(answers());
        std::filesystem::remove(socket);
        CHECK(eventually(answers));
        std::filesystem::rename(socket, socket + ".away");
        CHECK(eventually(answers));
        std::filesystem::rename(directory / "deeper", directory / "away");
        CHECK(eventually(answers));
        struct stat status {};
        REQUIRE(::stat(socket.c_str(), &status) == 0);
        CHECK((status.st_mode & 0777) == 0666);
        write_text(directory / "plain", "in the way");
        std::filesystem::rename(directory / "plain", socket);
        CHECK(eventually([&] {
            const std::lock_guard locked(lock);
            return told.size() == 4;
        }));
        CHECK_FALSE(answers());
        std::filesystem::remove(socket);
        CHECK(eventually(answers));
    });
    REQUIRE(told.size() >= 5);
    CHECK(told[3].find("is not a socket") != std::string::npos);
    CHECK(told.back().empty());
    server = fail(Error::Kind::process, "ended");
    CHECK_FALSE(std::filesystem::exists(socket));
}

TEST_CASE("without a free descriptor a connection waits, without work for the loop, and is accepted afterwards") {
    const TemporaryDirectory directory;
    const std::string socket = directory / "control";
    EventLoop loop;
    const auto server = HttpServer::listen(loop, socket, 0600, [](const HttpRequest&) { return HttpReply{200, "{}"}; });
    REQUIRE(server);
    MonotonicTimer end(loop, [&] { loop.stop(); });
    const auto run_for = [&](std::chrono::milliseconds time) {
        end.arm((monotonic_now() + time).time_since_epoch());
        loop.run();
    };
    const auto processor_time = [] {
        timespec time{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
    };
    const Descriptor client{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const EventLoop::Watch answered = loop.readable(client.get(), [&] { loop.stop(); });
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket.copy(address.sun_path, sizeof address.sun_path - 1);
    const std::string question = "GET / HTTP/1.0\r\n\r\n";

    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    const rlimit few{128, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
    std::vector<Descriptor> taken;
    do taken.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    while (taken.back());
    const bool connected = ::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                           ::send(client.get(), question.data(), question.size(), MSG_NOSIGNAL) > 0;
    const auto begun = processor_time();
    run_for(700ms);
    const auto used = processor_time() - begun;
    char answer[64];
    const bool early = ::recv(client.get(), answer, sizeof answer, MSG_DONTWAIT) > 0;
    taken.clear();
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);

    CHECK(connected);
    CHECK_FALSE(early);
    CHECK(used < 100ms);
    run_for(20s);
    REQUIRE(::recv(client.get(), answer, sizeof answer, MSG_DONTWAIT) > 12);
    CHECK(std::string_view(answer, 12) == "HTTP/1.0 200");
}

TEST_CASE("a daemon that does not run is a separate kind of error") {
    const TemporaryDirectory directory;
    const auto missing = ask_socket(directory / "control", "GET", "/", "");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().kind == Error::Kind::no_daemon);
    REQUIRE(listen_unix(directory / "control", 0600));
    CHECK(ask_socket(directory / "control", "GET", "/", "").error().kind == Error::Kind::no_daemon);
}

TEST_CASE(
    "an answer of the daemon that is not whole is an error, and says that the request may have been carried out") {
    const TemporaryDirectory directory;
    const std::string socket = directory / "control";
    const auto listener = listen_unix(socket, 0600);
    REQUIRE(listener);
    const auto ask = [&](std::string_view answer) {
        std::thread daemon([&] {
            pollfd waiting{listener->get(), POLLIN, 0};
            ::poll(&waiting, 1, -1);
            const Descriptor connection{::accept4(listener->get(), nullptr, nullptr, SOCK_CLOEXEC)};
            std::array<char, 1024> question;
            (void)::recv(connection.get(), question.data(), question.size(), 0);
            (void)::send(connection.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
        });
        auto answered = ask_socket(socket, "GET", "/", "");
        daemon.join();
        return answered;
    };
    const auto whole = ask("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    REQUIRE(whole);
    CHECK(whole->status == 200);
    CHECK(whole->body == "ok");
    for (const char* answer :
         {"", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nok",
          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", "HTTP/1.1 OK\r\n\r\nok", "SSH-2.0 200 OK\r\n\r\nok"}) {
        INFO(answer);
        const auto broken = ask(answer);
        REQUIRE_FALSE(broken);
        CHECK(broken.error().kind == Error::Kind::network);
        CHECK(broken.error().what == "the daemon on " + socket + " sent an incomplete answer");
        CHECK(broken.error().hint == "the request may have been carried out: check its log");
    }
}

TEST_CASE("a post and its results") {
    ScriptedServer server(
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
         "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7 \r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
         "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
         "garbage without end\r\n\r\n", ""});
    const std::string json = R"({"text":"hello"})";
    const PostAnswer good = post(server.url(), json);
    CHECK(good.status == 200);
    CHECK(good.body == "ok");
    CHECK(good.error.empty());
    const PostAnswer throttled = post(server.url(), json);
    CHECK(throttled.status == 429);
    CHECK(throttled.retry_after == "7");
    CHECK(post(server.url(), json).status == 302);
    for (int i = 0; i < 2; ++i) {
        const PostAnswer broken = post(server.url(), json);
        CHECK(broken.status == 0);
        CHECK_FALSE(broken.error.empty());
        if (i == 0) CHECK(broken.error == "the answer is not HTTP");
        CHECK(broken.error.find("SECRET") == std::string::npos);
    }
    REQUIRE(server.questions().size() == 5);
    CHECK(server.questions()[0].starts_with("POST /services/T0/SECRET HTTP/1.1\r\n"));
    CHECK(server.questions()[0].find("Content-Type: application/json\r\n") != std::string::npos);
    CHECK(server.questions()[0].ends_with("\r\n\r\n" + json));
}

TEST_CASE("a post without a server fails with an error without the address") {
    for (const char* url : {"http://127.0.0.1:1/SECRET", "file:///etc/SECRET", "SECRET://x", "", "http://[SECRET"}) {
        const PostAnswer answer = post(url, "{}");
        CHECK(answer.status == 0);
        CHECK_FALSE(answer.error.empty());
        CHECK(answer.error.find("SECRET") == std::string::npos);
    }
}

TEST_CASE("a post that cannot begin is answered from the loop, with an error") {
    const PostAnswer answer = post("http://127.0.0.1/" + std::string(9'000'000, 'x'), "{}");  // libcurl takes 8 MB
    CHECK(answer.status == 0);
    CHECK(answer.error == "the address cannot be used");
    CHECK_FALSE(answer.refused);
}

TEST_CASE("a client that ends leaves no descriptor open") {
    const std::string kept = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    ScriptedServer server({kept, kept});
    const auto descriptors = [] {
        const std::filesystem::directory_iterator all("/proc/self/fd");
        return std::distance(begin(all), end(all));
    };
    CHECK(post(server.url(), "{}").status == 200);  // loads libcurl
    const auto before = descriptors();
    CHECK(post(server.url(), "{}").status == 200);
    CHECK(eventually([&] { return descriptors() <= before; }));  // the server's end is closed by another thread
}

TEST_CASE("many posts at once share the loop") {
    const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
    ScriptedServer server(std::vector<std::string>(20, ok));
    EventLoop loop;
    CurlClient poster(loop);
    int good = 0;
    for (int i = 0; i < 20; ++i) {
        poster.post({server.url(), "{}"}, [&](const PostAnswer& answer) {
            if (answer.status == 200 && ++good == 20) loop.stop();
        });
    }
    MonotonicTimer bound(loop, [&] { loop.stop(); });
    bound.arm((monotonic_now() + 20s).time_since_epoch());
    loop.run();
    CHECK(good == 20);
}

// Accepts connections, and never answers.
class SilentServer {
   public:
    SilentServer() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
        REQUIRE(::listen(socket_.get(), 200) == 0);
        REQUIRE(::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port_ = ntohs(address.sin_port);
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }

   private:
    Descriptor socket_;
    std::uint16_t port_ = 0;
};

TEST_CASE("a check ends with the headers of the answer, and does not delay a check of another server") {
    const std::string early = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
    ScriptedServer server({early + "HTTP/1.1 204 No Content\r\nContent-Length: 99\r\n\r\n"});
    const SilentServer silent;
    EventLoop loop;
    CurlClient poster(loop, 2s);
    std::vector<PostAnswer> late;
    PostAnswer answer;
    const MonotonicTime begun = monotonic_now();
    MonotonicTime answered{};
    for (int i = 0; i < 120; ++i)
        poster.look({silent.url() + std::to_string(i), {}, false, ""}, [&](PostAnswer given) {
            late.push_back(std::move(given));
            if (late.size() == 120) loop.stop();
        });
    poster.look({server.url(), {{"X-A", "b"}}, true, ""}, [&](PostAnswer given) {
        answer = std::move(given);
        answered = monotonic_now();
    });
    loop.run();
    CHECK(answer.status == 204);
    CHECK(answered - begun < 1s);
    CHECK(server.questions().at(0).starts_with("HEAD /services/T0/SECRET HTTP/1.1\r\n"));
    CHECK(server.questions().at(0).find("X-A: b\r\n") != std::string::npos);
    CHECK(monotonic_now() - begun < 6s);
    const auto says = [&](const std::string& text) {
        return std::count_if(late.begin(), late.end(), [&](const PostAnswer& one) { return one.error == text; });
    };
    CHECK(says("Timeout was reached") >= 4);
    CHECK(says("Timeout was reached") + says("earlier requests took all slots for 2 s") == 120);
    for (const PostAnswer& one : late) CHECK(one.refused == (one.error == "earlier requests took all slots for 2 s"));
}

TEST_CASE("a callback that throws does not stop the checks that wait") {
    const std::string none = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
    ScriptedServer server(std::vector<std::string>(10, none));
    EventLoop loop;
    int failures = 0, answered = 0;
    loop.on_failure([&](const std::string&) {
        if (++failures == 10) loop.stop();
    });
    CurlClient client(loop, 20s);
    for (int i = 0; i < 10; ++i)
        client.look({server.url(), {}, false, ""}, [&](const PostAnswer& answer) {
            answered += answer.status == 204 ? 1 : 0;
            throw std::out_of_range("map::at");
        });
    MonotonicTimer bound(loop, [&] { loop.stop(); });
    bound.arm((monotonic_now() + 20s).time_since_epoch());
    loop.run();
    CHECK(answered == 10);
    CHECK(failures == 10);
}

}  // namespace mc::os::test
