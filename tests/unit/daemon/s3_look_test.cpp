// The request by which a sensor checks for an object.
#include "daemon/s3_look.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace mc;
using namespace mc::app;

namespace {

os::WebLook look(const std::string& address, S3Sensor sensor = {}) {
    static const auto crypto = os::CryptoLibrary::load();
    REQUIRE(crypto);
    if (sensor.signing.region.empty()) sensor.signing.region = "us-east-1";
    sensor.signing.service = "s3";
    const os::AwsSigner keys{"", "", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};
    return s3_look(sensor, parse_s3_address(address).value(), keys, *parse_instant("2013-05-24T00:00:00Z"), *crypto);
}

std::string header(const os::WebLook& look, std::string_view name) {
    const auto found = std::find_if(look.headers.begin(), look.headers.end(),
                                    [&](const auto& header) { return header.first == name; });
    return found == look.headers.end() ? "(none)" : found->second;
}

}  // namespace

TEST_CASE("s3: a signed HEAD, the bucket in the host's name") {
    const os::WebLook one = look("s3://examplebucket/2026-11-20/a b%/\xc3\xa4$");
    CHECK(one.head);
    CHECK(one.url == "https://examplebucket.s3.us-east-1.amazonaws.com/2026-11-20/a%20b%25/%C3%A4%24");
    CHECK(header(one, "Host") == "examplebucket.s3.us-east-1.amazonaws.com");
    CHECK(header(one, "X-Amz-Content-Sha256") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(header(one, "X-Amz-Date") == "20130524T000000Z");
    CHECK(header(one, "Authorization")
              .starts_with("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
                           "SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature="));
}

TEST_CASE("s3: other regions, other stores, and names with dots") {
    S3Sensor sensor;
    sensor.signing.region = "cn-north-1";
    CHECK(look("s3://bucket/k", sensor).url == "https://bucket.s3.cn-north-1.amazonaws.com.cn/k");
    CHECK(look("s3://my.bucket/k/").url == "https://s3.us-east-1.amazonaws.com/my.bucket/k/");
    sensor.endpoint = "http://127.0.0.1:9000";
    CHECK(look("s3://bucket/a/../k", sensor).url == "http://127.0.0.1:9000/bucket/a/../k");
    CHECK(header(look("s3://bucket/k", sensor), "Host") == "127.0.0.1:9000");
}

TEST_CASE("s3: the meaning of an answer") {
    CHECK(s3_trouble(404).empty());
    CHECK(s3_trouble(403).find("403") != std::string::npos);
    CHECK(s3_trouble(301).find("region") != std::string::npos);
    CHECK(s3_trouble(500) == "the store answers 500");
}
