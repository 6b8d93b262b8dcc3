#include "net/web_request.h"

#include <catch2/catch.hpp>

using namespace mc;
using namespace mc::os;

namespace {

WebRequest full() {
    WebRequest request;
    request.method = "POST";
    request.url = "https://tower/api/launch/?a=1";
    request.url_is_secret = true;
    request.headers = {{"Authorization", "Bearer \"quoted\""}, {"X-Empty", ""}};
    request.body = "line\n\t{\"session\":\"2026-11-20\"}";
    request.status = {200, 202};
    request.ca_file = "/etc/ssl/desk.pem";
    request.seconds_max = 65;
    request.signer = AwsSigner{"us-east-1", "sqs", "id", "key", "token"};
    return request;
}

}  // namespace

TEST_CASE("a request is unchanged after writing and reading its JSON") {
    const WebRequest request = full();
    const auto json = request_json(request);
    REQUIRE(json);
    CHECK(read_request(*json).value() == request);

    WebRequest small;
    small.url = "http://h";
    small.body_file = "/data/x";
    CHECK(read_request(request_json(small).value()).value() == small);
}

TEST_CASE("for a secret address, only the host is shown") {
    CHECK(without_path("https://h:8/a/b?c") == "https://h:8/***");
    CHECK(without_path("https://h?c") == "https://h/***");
    CHECK(without_path("https://h") == "https://h/***");
    CHECK(without_path("/hooks/x") == "/***");
}

TEST_CASE("the value of a header is without the blanks around it, and its name is the whole name in any case") {
    CHECK(header_value("Retry-After: 7\r\n", "retry-after") == "7");
    CHECK(header_value("RETRY-AFTER:\t 7 s\t \r\n", "retry-after") == "7 s");
    CHECK(header_value("retry-after:7", "retry-after") == "7");
    CHECK(header_value("Retry-After:\r\n", "retry-after") == "");
    CHECK(header_value("Retry-After:", "retry-after") == "");
    CHECK(header_value("Retry-After", "retry-after") == std::nullopt);
    CHECK(header_value("Retry-Afte: 7", "retry-after") == std::nullopt);
    CHECK(header_value("Retry-Afters: 7", "retry-after") == std::nullopt);
    CHECK(header_value("Retry-Before: 7", "retry-after") == std::nullopt);
    CHECK(header_value("X-Retry-After: 7", "retry-after") == std::nullopt);
    CHECK(header_value("\r\n", "retry-after") == std::nullopt);
}

TEST_CASE("an invalid request is refused without its text") {
    for (const char* text : {"", "{", "[]", "{}", "{\"version\":1,\"method\":\"top-secret\"}", "{\"version\":\"x\"}"}) {
        const auto read = read_request(text);
        REQUIRE_FALSE(read);
        CHECK(read.error().what == "this is not a marketcron request");
    }
}

TEST_CASE("a request of a newer program is refused, because its meaning may differ") {
    std::string json = request_json(full()).value();
    json.replace(json.find("\"version\":1"), 11, "\"version\":2");
    CHECK(read_request(json).error().what == "the request comes from a newer marketcron");
}

TEST_CASE("a field that this version does not know is ignored") {
    std::string json = request_json(full()).value();
    json.insert(1, "\"later\":[1],");
    CHECK(read_request(json).value() == full());
}

TEST_CASE("text that is not UTF-8 is an error that does not show it") {
    WebRequest request = full();
    request.headers[0].second = "secret\xff";
    const auto json = request_json(request);
    REQUIRE_FALSE(json);
    CHECK(json.error().sentence().find("secret\xff") == std::string::npos);
}

TEST_CASE("expected statuses, and how they are shown") {
    CHECK(is_wanted(200, {}));
    CHECK(is_wanted(299, {}));
    CHECK_FALSE(is_wanted(199, {}));
    CHECK_FALSE(is_wanted(300, {}));
    CHECK(is_wanted(409, {200, 409}));
    CHECK_FALSE(is_wanted(201, {200, 409}));
    CHECK(status_text({}) == "200-299");
    CHECK(status_text({200}) == "200");
    CHECK(status_text({200, 202}) == "200 or 202");
    CHECK(status_text({200, 201, 202}) == "200, 201 or 202");
}
