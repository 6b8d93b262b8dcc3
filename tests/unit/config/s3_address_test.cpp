#include "config/s3_address.h"

#include <catch2/catch.hpp>

using namespace mc;

namespace {

std::string error_of(const std::string& text) {
    const auto read = parse_s3_address(text);
    return read ? "" : read.error().sentence();
}

}  // namespace

TEST_CASE("an address of S3 is a bucket and a key") {
    const S3Address read = parse_s3_address("s3://desk-data/in/2026 11/a.csv").value();
    CHECK(read.bucket == "desk-data");
    CHECK(read.key == "in/2026 11/a.csv");
    CHECK(error_of("https://desk/k") == "`s3` is not the address of an object; write s3 = \"s3://BUCKET/KEY\"");
}

TEST_CASE("a bucket has 3 to 63 letters, digits, dashes, dots and underscores") {
    for (const std::string& bucket : {std::string("a-z"), std::string("AZ_"), std::string("0.9"), std::string(63, 'a')})
        CHECK(error_of("s3://" + bucket + "/k") == "");
    for (const std::string& bucket :
         {std::string("ab"), std::string(64, 'a'), std::string("a b"), std::string("a@b"), std::string("a[b"),
          std::string("a`b"), std::string("a{b"), std::string("a:b"), std::string("")}) {
        INFO(bucket);
        CHECK(error_of("s3://" + bucket + "/k").starts_with("`s3` has no valid bucket name"));
    }
}

TEST_CASE("a key has 1 to 1024 bytes on one line") {
    CHECK(error_of("s3://abc/" + std::string(1024, 'k')) == "");
    CHECK(error_of("s3://abc/ k\x7e\xc3\xa9") == "");
    CHECK(error_of("s3://abc").starts_with("`s3` has no object key"));
    CHECK(error_of("s3://abc/").starts_with("`s3` has no object key"));
    CHECK(error_of("s3://abc/" + std::string(1025, 'k')).starts_with("`s3` has an object key of more than 1024 bytes"));
    for (const char* key : {"a\nb", "a\x1f", "a\x7f"})
        CHECK(error_of("s3://abc/" + std::string(key)).starts_with("`s3` has a line break"));
}
