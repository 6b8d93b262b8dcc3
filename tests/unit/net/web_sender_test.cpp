// The request of a job's `http`, sent to a real web server; what it prints; what its exit code says.
#include "net/web_sender.h"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <map>

#include "support/webhook_server.h"
#include "unit/net/scripted_server.h"
#include "unit/os/temporary.h"

namespace mc::os::test {

namespace {

using mc::test::WebhookReply;
using mc::test::WebhookServer;

struct Outcome {
    Sent sent;
    std::string printed;
};

// Sends the request with standard output in a file.
Outcome outcome(const WebRequest& request) {
    const TemporaryDirectory directory;
    const std::string path = directory / "printed";
    const Descriptor before{::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)};
    const Descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
    REQUIRE(::dup2(file.get(), STDOUT_FILENO) >= 0);
    const Sent sent = send_request(request);
    REQUIRE(::dup2(before.get(), STDOUT_FILENO) >= 0);
    return {sent, text_of(path)};
}

WebRequest request_to(const std::string& url, std::string method = "GET") {
    WebRequest request;
    request.method = std::move(method);
    request.url = url;
    request.seconds_max = 20;
    return request;
}

// Sets variables of the environment, and removes them at the end.
class Environment {
   public:
    explicit Environment(std::map<std::string, std::string> values) : values_(std::move(values)) {
        for (const auto& [name, value] : values_) ::setenv(name.c_str(), value.c_str(), 1);
    }
    ~Environment() {
        for (const auto& [name, value] : values_) ::unsetenv(name.c_str());
    }
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;

   private:
    std::map<std::string, std::string> values_;
};

}  // namespace

TEST_CASE("a request is sent as it is, and its answer printed") {
    WebhookServer server;
    server.next({WebhookReply::http(202, "taken\n")});
    WebRequest request = request_to(server.url(), "POST");
    request.headers = {{"X-Desk", "rates"}, {"X-Empty", ""}, {"Content-Type", "text/csv"}};
    request.body = "a,b";
    const Outcome got = outcome(request);
    CHECK(got.sent == Sent::wanted_status);
    CHECK(got.printed == "POST " + server.url() + "\nHTTP/1.1 202 Said\ntaken\n");
    REQUIRE(server.requests().size() == 1);
    const auto seen = server.requests()[0];
    CHECK(seen.method == "POST");
    CHECK(seen.body == "a,b");
    CHECK(seen.headers.at("x-desk") == "rates");
    CHECK(seen.headers.at("x-empty").empty());
    CHECK(seen.headers.at("content-type") == "text/csv");
    CHECK(seen.headers.at("user-agent") == "marketcron");
    CHECK(seen.headers.count("expect") == 0);
}

TEST_CASE("a request without a body says its length where its method has one, and no type") {
    for (const auto& [method, length] :
         std::map<std::string, std::string>{{"GET", ""}, {"DELETE", ""}, {"POST", "0"}, {"PUT", "0"}, {"PATCH", "0"}}) {
        INFO(method);
        WebhookServer server;
        CHECK(outcome(request_to(server.url(), method)).sent == Sent::wanted_status);
        REQUIRE(server.requests().size() == 1);
        auto headers = server.requests()[0].headers;
        CHECK(server.requests()[0].method == method);
        CHECK(headers["content-length"] == length);
        CHECK(headers.count("content-type") == 0);
    }
}

TEST_CASE("for HEAD the headers are the whole answer") {
    ScriptedServer server({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n"});
    const Outcome got = outcome(request_to(server.url(), "HEAD"));
    CHECK(got.sent == Sent::wanted_status);
    CHECK(got.printed == "HEAD " + server.url() + "\nHTTP/1.1 200 OK\n");
}

TEST_CASE("an interim answer is not printed") {
    ScriptedServer server(
        {"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
         "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n"});
    CHECK(outcome(request_to(server.url())).printed == "GET " + server.url() + "\nHTTP/1.1 200 OK\nok\n");
}

TEST_CASE("another status than expected is named on its own line, with the redirect and Retry-After") {
    WebhookServer server;
    server.next(
        {WebhookReply::http(404, "no such job"), WebhookReply::http(404, "no such job\n"), WebhookReply::http(404, ""),
         WebhookReply::http(302, "", {{"LOCATION", "\t http://other/x?y \t "}, {"X-Location", "wrong"}}),
         WebhookReply::http(503, "", {{"retry-after", " 7 "}, {"Retry", "wrong"}}), WebhookReply::http(200, "")});
    const auto printed = [&](std::vector<int> wanted = {}) {
        WebRequest request = request_to(server.url());
        request.status = std::move(wanted);
        const Outcome got = outcome(request);
        CHECK(got.sent == Sent::other_status);
        return got.printed.substr(got.printed.find('\n') + 1);
    };
    const std::string refused = "marketcron: the status is 404, expected 200-299\n";
    CHECK(printed() == "HTTP/1.1 404 Said\nno such job\n" + refused);
    CHECK(printed() == "HTTP/1.1 404 Said\nno such job\n" + refused);
    CHECK(printed() == "HTTP/1.1 404 Said\n" + refused);
    CHECK_THAT(printed(), Catch::EndsWith("marketcron: the status is 302, expected 200-299; it redirects to "
                                          "http://other/x?y, but redirects are not followed\n"));
    CHECK_THAT(printed(), Catch::EndsWith("the status is 503, expected 200-299; Retry-After: 7\n"));
    CHECK_THAT(printed({201, 204}), Catch::EndsWith("the status is 200, expected 201 or 204\n"));
    CHECK(server.requests().size() == 6);  // nothing was sent to where a redirect points
}

TEST_CASE("of a secret address only the host is printed, also of one that it redirects to") {
    WebhookServer server;
    server.next({WebhookReply::http(302, "", {{"Location", "http://other/s3cr3t"}})});
    WebRequest request = request_to(server.url());
    request.url_is_secret = true;
    const Outcome redirected = outcome(request);
    CHECK_THAT(redirected.printed, Catch::StartsWith("GET " + without_path(server.url()) + "\n"));
    CHECK_THAT(redirected.printed, Catch::Contains("it redirects to http://other/***, but"));
    server.die();
    request.url = "s3cr3t://x";  // libcurl's detailed text quotes the scheme
    const Outcome failed = outcome(request);
    CHECK(failed.sent == Sent::no_answer);
    CHECK_THAT(failed.printed.substr(failed.printed.find('\n')), !Catch::Contains("s3cr3t"));
}

TEST_CASE("no answer and half an answer are told apart") {
    WebhookServer server;
    server.die();
    const Outcome refused = outcome(request_to(server.url()));
    CHECK(refused.sent == Sent::no_answer);
    CHECK_THAT(refused.printed, Catch::StartsWith("GET " + server.url() + "\nmarketcron: no answer: "));
    CHECK_THAT(refused.printed, Catch::Contains("127.0.0.1 port"));  // libcurl's detailed text
    CHECK_THAT(refused.printed, Catch::EndsWith("\n"));
    ScriptedServer half({"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"});
    const Outcome broken = outcome(request_to(half.url()));
    CHECK(broken.sent == Sent::no_answer);
    CHECK_THAT(broken.printed, Catch::Contains("HTTP/1.1 200 OK\nhalf\nmarketcron: the answer is incomplete: "));
}

TEST_CASE("a server that does not answer is waited for as long as the request says") {
    WebhookServer server;
    server.next({WebhookReply::hang()});
    WebRequest request = request_to(server.url());
    request.seconds_max = 1;
    const Outcome got = outcome(request);
    CHECK(got.sent == Sent::no_answer);
    CHECK_THAT(got.printed, Catch::Contains("marketcron: no answer: ") && Catch::Contains("timed out after 1"));
}

TEST_CASE("other schemes than http and https are refused") {
    const TemporaryDirectory directory;
    write_text(directory / "secret", "precious");
    const Outcome got = outcome(request_to("file://" + directory / "secret"));
    CHECK(got.sent == Sent::no_answer);
    CHECK_THAT(got.printed, !Catch::Contains("precious"));
}

TEST_CASE("a body from a file; nothing is sent when it cannot be read") {
    const TemporaryDirectory directory;
    WebhookServer server;
    write_text(directory / "body", std::string("a\0b\n", 4));
    WebRequest request = request_to(server.url(), "PUT");
    request.body_file = directory / "body";
    CHECK(outcome(request).sent == Sent::wanted_status);
    REQUIRE(server.requests().size() == 1);
    CHECK(server.requests()[0].body == std::string("a\0b\n", 4));
    request.body_file = directory / "missing";
    const Outcome got = outcome(request);
    CHECK(got.sent == Sent::no_answer);
    CHECK_THAT(got.printed, Catch::Contains("\nmarketcron: not sent: ") && Catch::Contains(directory / "missing"));
    CHECK(server.requests().size() == 1);
}

TEST_CASE("a request is signed with its keys, otherwise with those of the environment") {
    WebhookServer server;
    WebRequest request = request_to(server.url());
    request.signer = AwsSigner{"us-east-1", "sqs", "OWN", "key", "own-token"};
    const auto sent_headers = [&] {
        CHECK(outcome(request).sent == Sent::wanted_status);
        return server.requests().back().headers;
    };
    const Environment environment(
        {{"AWS_ACCESS_KEY_ID", "FROM-ENV"}, {"AWS_SECRET_ACCESS_KEY", "env-key"}, {"AWS_SESSION_TOKEN", "env-token"}});
    auto headers = sent_headers();
    CHECK_THAT(headers["authorization"], Catch::StartsWith("AWS4-HMAC-SHA256 Credential=OWN/"));
    CHECK(headers["x-amz-security-token"] == "own-token");
    request.signer = AwsSigner{"us-east-1", "sqs", "", "", ""};
    headers = sent_headers();
    CHECK_THAT(headers["authorization"], Catch::StartsWith("AWS4-HMAC-SHA256 Credential=FROM-ENV/"));
    CHECK(headers["x-amz-security-token"] == "env-token");
    request.signer->session_token = "own-token";
    CHECK(sent_headers()["x-amz-security-token"] == "own-token");
}

TEST_CASE("a request that cannot be signed is not sent") {
    WebhookServer server;
    WebRequest request = request_to(server.url());
    request.signer = AwsSigner{"us-east-1", "sqs", "", "", ""};
    const std::string both =
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not in the job's environment; declare them in env, secret_env "
        "or env_file";
    for (const char* only : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}) {
        const Environment environment(std::map<std::string, std::string>{{only, "x"}});
        const Outcome got = outcome(request);
        CHECK(got.sent == Sent::no_answer);
        CHECK_THAT(got.printed, Catch::EndsWith("\nmarketcron: not sent: " + both + "\n"));
    }
    CHECK(server.requests().empty());
}

}  // namespace mc::os::test
