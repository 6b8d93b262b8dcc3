// An exception from a callback of the loop never reaches libevent: it is reported, and the loop continues.
#include <catch2/catch.hpp>
#include <stdexcept>
#include <thread>

#include "net/http_client.h"
#include "net/http_server.h"
#include "os/clock.h"
#include "os/event_loop.h"
#include "unit/os/temporary.h"

namespace mc::os::test {

using namespace std::chrono_literals;

namespace {

void call_after(MonotonicTimer& timer, std::chrono::milliseconds wait) {
    timer.arm(monotonic_now().time_since_epoch() + wait);
}

}  // namespace

TEST_CASE("an exception from a callback is reported, and the loop continues") {
    EventLoop loop;
    std::vector<std::string> told;
    loop.on_failure([&](const std::string& what) { told.push_back(what); });
    MonotonicTimer throws(loop, [] { throw std::out_of_range("map::at"); });
    MonotonicTimer throws_a_number(loop, [] { throw 7; });
    MonotonicTimer end(loop, [&] { loop.stop(); });
    call_after(throws, 1ms);
    call_after(throws_a_number, 5ms);
    call_after(end, 50ms);
    loop.run();
    CHECK(told == std::vector<std::string>{"map::at", "an exception of an unknown kind"});
}

TEST_CASE("a report that itself throws ends nothing") {
    EventLoop loop;
    loop.on_failure([](const std::string& what) { throw std::runtime_error(what); });
    CHECK_FALSE(loop.guard([] { throw std::out_of_range("map::at"); }));
    CHECK(loop.guard([] {}));
}

TEST_CASE("an exception without a handler leaves run()") {
    EventLoop loop;
    MonotonicTimer throws(loop, [] { throw std::out_of_range("map::at"); });
    call_after(throws, 1ms);
    CHECK_THROWS_AS(loop.run(), std::out_of_range);
}

TEST_CASE("a handler that throws gives answer 500, and the next request works") {
    const TemporaryDirectory directory;
    const std::string socket = directory / "control";
    EventLoop loop;
    std::vector<std::string> told;
    loop.on_failure([&](const std::string& what) { told.push_back(what); });
    auto server = HttpServer::listen(loop, socket, 0666, [](const HttpRequest& request) -> HttpReply {
        if (request.path == "/v1/bad") throw std::out_of_range("map::at");
        return {200, request.bad_query.empty() ? "good" : request.bad_query};
    });
    REQUIRE(server);
    MonotonicTimer look(loop, [&] { loop.stop(); });
    std::vector<std::string> seen;
    std::thread client([&] {
        for (const char* path : {"/v1/bad", "/v1/good", "/v1/good?n=1&n=2", "/v1/good?job=a%00b", "/v1/good?job"}) {
            const auto answer = ask_socket(socket, "GET", path, "");
            seen.push_back(answer ? std::to_string(answer->status) + " " + answer->body : "no answer");
        }
        look.arm(monotonic_now().time_since_epoch());
    });
    loop.run();
    client.join();
    CHECK(told == std::vector<std::string>{"map::at"});
    REQUIRE(seen.size() == 5);
    CHECK_THAT(seen[0], Catch::StartsWith("500 {\"error\":\"internal error"));
    CHECK(seen[1] == "200 good");
    CHECK(seen[2] == "200 the query has `n` twice");
    CHECK(seen[3] == "200 the query has a NUL");
    CHECK(seen[4] == "200 the query is not NAME=VALUE&NAME=VALUE");
}

}  // namespace mc::os::test
