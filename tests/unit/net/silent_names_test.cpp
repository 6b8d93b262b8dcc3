// What the clients do while the name server does not answer. This file replaces the C library's getaddrinfo(), which
// libcurl calls in threads of its own.
#include <dlfcn.h>
#include <netdb.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <string_view>

#include "net/curl_client.h"
#include "net/smtp_client.h"
#include "os/clock.h"
#include "unit/os/eventually.h"

namespace {

constexpr std::string_view silent_name = "silent.test";
std::atomic<bool> is_silent = false;
std::atomic<int> asking = 0;  // threads that wait for the name server

}  // namespace

extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** found) {
    if (name != nullptr && name == silent_name) {
        ++asking;
        (void)mc::os::test::eventually([] { return !is_silent; });
        --asking;
        return EAI_AGAIN;
    }
    static const auto real = reinterpret_cast<decltype(&getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    return real(name, service, hints, found);
}

namespace mc::os::test {

namespace {

// The name server answers again when a test ends.
struct Silence {
    Silence() { is_silent = true; }
    ~Silence() {
        is_silent = false;
        (void)eventually([] { return asking == 0; });
    }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;
};

}  // namespace

TEST_CASE("a post and a look end in time although the name server does not answer") {
    const Silence silence;
    EventLoop loop;
    CurlClient client(loop, 1s);
    std::vector<PostAnswer> answers;
    const auto take = [&](PostAnswer answer) {
        answers.push_back(std::move(answer));
        if (answers.size() == 2) loop.stop();
    };
    client.post({"http://silent.test/", "{}"}, take);
    client.look({"http://silent.test/", {}, false, ""}, take);
    const auto begun = monotonic_now();
    loop.run();
    CHECK(monotonic_now() - begun < 10s);
    CHECK(asking == 2);
    for (const PostAnswer& answer : answers) {
        CHECK(answer.status == 0);
        CHECK_FALSE(answer.error.empty());
    }
}

TEST_CASE("a client that goes does not wait for the name server") {
    const Silence silence;
    EventLoop loop;
    int answered = 0;
    const auto begun = monotonic_now();
    {
        CurlClient web(loop);
        SmtpClient mails(loop);
        web.post({"http://silent.test/", "{}"}, [&](const PostAnswer&) { ++answered; });
        ServerMail mail;
        mail.server = "smtp://silent.test";
        mail.from = "marketcron@desk";
        mail.to = {"ann@desk"};
        mails.send(mail, [&](const ServerReply&) { ++answered; });
        MonotonicTimer look(loop, [&] {
            if (asking == 2 || monotonic_now() - begun > 10s) return loop.stop();
            look.arm((monotonic_now() + 5ms).time_since_epoch());
        });
        look.arm(monotonic_now().time_since_epoch());
        loop.run();
        CHECK(asking == 2);
    }
    CHECK(monotonic_now() - begun < 10s);
    CHECK(answered == 0);
}

}  // namespace mc::os::test
