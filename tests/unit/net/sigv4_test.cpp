// Amazon's published examples: those of the S3 documentation ("Signature Calculations for the Authorization Header",
// with its keys and date) and of the Signature Version 4 test suite.
#include "net/sigv4.h"

#include <catch2/catch.hpp>

using namespace mc;
using namespace mc::os;

namespace {

struct Service {
    AwsSigner signer;
    std::string time;
};

const Service s3{{"us-east-1", "s3", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""},
                 "2013-05-24T00:00:00Z"};
const Service suite{{"us-east-1", "service", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""},
                    "2015-08-30T12:36:00Z"};

Signature signed_by(const Service& service, const WebRequest& request) {
    static const auto crypto = CryptoLibrary::load();
    REQUIRE(crypto);
    return sign(request, service.signer, request.body.value_or(""), *parse_instant(service.time), *crypto);
}

WebRequest request(std::string method, std::string url, WebHeaders headers = {}) {
    WebRequest made;
    made.method = std::move(method);
    made.url = std::move(url);
    made.headers = std::move(headers);
    return made;
}

std::string header(const Signature& signature, std::string_view name) {
    for (const auto& [known, value] : signature.headers)
        if (known == name) return value;
    return "(none)";
}

// The hexadecimal digits at the end of Authorization.
std::string digits(const Signature& signature) {
    const std::string line = header(signature, "Authorization");
    return line.substr(line.find("Signature=") + 10);
}

std::string of_suite(std::string method, const std::string& path, WebHeaders headers = {}) {
    const std::string url = "https://example.amazonaws.com" + path;
    return digits(signed_by(suite, request(std::move(method), url, std::move(headers))));
}

std::string of_bucket(const std::string& path) {
    return digits(signed_by(s3, request("GET", "https://examplebucket.s3.amazonaws.com" + path)));
}

constexpr const char* empty_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

}  // namespace

TEST_CASE("sigv4: the test suite's get-vanilla, step by step") {
    const Signature signature = signed_by(suite, request("GET", "https://example.amazonaws.com/"));
    CHECK(signature.canonical_request ==
          std::string("GET\n/\n\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n"
                      "\nhost;x-amz-date\n") +
              empty_hash);
    CHECK(signature.string_to_sign ==
          "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/service/aws4_request\n"
          "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63");
    CHECK(header(signature, "Authorization") ==
          "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
          "SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    CHECK(header(signature, "Host") == "example.amazonaws.com");
    CHECK(header(signature, "X-Amz-Date") == "20150830T123600Z");
    CHECK(header(signature, "X-Amz-Content-Sha256") == "(none)");
}

TEST_CASE("sigv4: other cases of the test suite") {
    CHECK(of_suite("POST", "/") == "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
    CHECK(of_suite("GET", "/?Param2=value2&Param1=value1") ==
          "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
    CHECK(of_suite("GET", "/", {{"My-Header1", "  value1"}, {"My-Header2", " \"a   b   c\""}}) ==
          "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
    // normalize-path: they all request "/".
    for (const char* path : {"", "//", "/./", "/example/..", "/example1/example2/../.."})
        CHECK(of_suite("GET", path) == "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST_CASE("sigv4: GET Object with a range") {
    const Signature signature =
        signed_by(s3, request("GET", "https://examplebucket.s3.amazonaws.com/test.txt", {{"Range", "bytes=0-9"}}));
    CHECK(header(signature, "X-Amz-Content-Sha256") == empty_hash);
    CHECK(header(signature, "Authorization") ==
          "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
          "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
          "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST_CASE("sigv4: PUT Object, its body, its headers, and a key that is encoded once") {
    WebRequest put =
        request("PUT", "https://examplebucket.s3.amazonaws.com/test$file.text",
                {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}});
    put.body = "Welcome to Amazon S3.";
    const Signature signature = signed_by(s3, put);
    CHECK(digits(signature) == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    CHECK(header(signature, "X-Amz-Content-Sha256") ==
          "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072");
    put.url = "https://examplebucket.s3.amazonaws.com/test%24file.text";
    CHECK(digits(signed_by(s3, put)) == digits(signature));
}

TEST_CASE("sigv4: S3's query parameters, with and without values") {
    CHECK(of_bucket("/?lifecycle") == "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    CHECK(of_bucket("/?max-keys=2&prefix=J") == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
    CHECK(of_bucket("?prefix=J&max-keys=2") == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST_CASE("sigv4: the path of S3 is signed unchanged, that of other services normalized and encoded again") {
    const auto path = [](const Service& service, const char* url) {
        const std::string text = signed_by(service, request("GET", url)).canonical_request;
        const std::size_t start = text.find('\n') + 1;
        return text.substr(start, text.find('\n', start) - start);
    };
    CHECK(path(s3, "https://h/a//b/../c%20d") == "/a//b/../c%20d");
    CHECK(path(suite, "https://h/a//b/../c%20d/") == "/a/c%2520d/");
    CHECK(path(suite, "https://h/-._~09AZaz!") == "/-._~09AZaz%21");
}

TEST_CASE("sigv4: a % begins an escape only with two hexadecimal digits after it") {
    const auto query = [](const std::string& value) {
        const std::string text = signed_by(suite, request("GET", "https://h/?a=" + value)).canonical_request;
        const std::size_t start = text.find("\na=") + 3;
        return text.substr(start, text.find('\n', start) - start);
    };
    for (const char* digits : {"09", "90", "af", "fa", "AF", "FA"}) {
        std::string upper = digits;
        for (char& c : upper) c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
        CHECK(query(std::string("x%") + digits) == "x%" + upper);
    }
    for (const char* after : {"", "4", "zz", "4g", "g4", "4G", "G4"})
        CHECK(query(std::string("x%") + after) == std::string("x%25") + after);
    // The neighbours of the digits in ASCII.
    for (const char* after : {"/4", ":4", "@4", "`4"})
        CHECK_THAT(query(std::string("x%") + after), Catch::StartsWith("x%25%"));
}

TEST_CASE("sigv4: s3tables and s3vectors do not follow S3's rules") {
    for (const char* name : {"s3", "s3-outposts", "s3express", "s3tables", "s3vectors"}) {
        Service service = s3;
        service.signer.service = name;
        const bool has_hash =
            header(signed_by(service, request("GET", "https://h/a")), "X-Amz-Content-Sha256") != "(none)";
        CHECK(has_hash == (std::string_view(name) != "s3tables" && std::string_view(name) != "s3vectors"));
    }
}

TEST_CASE("sigv4: a port other than the scheme's is part of the host; a session token is signed") {
    Service temporary = suite;
    temporary.signer.session_token = "a-token";
    const Signature signature = signed_by(temporary, request("GET", "http://127.0.0.1:9000/"));
    CHECK(header(signature, "Host") == "127.0.0.1:9000");
    CHECK(header(signed_by(suite, request("GET", "https://h:443/")), "Host") == "h");
    CHECK(header(signature, "X-Amz-Security-Token") == "a-token");
    CHECK(signature.canonical_request.find("\nx-amz-security-token:a-token\n") != std::string::npos);
    CHECK(header(signature, "Authorization").find("SignedHeaders=host;x-amz-date;x-amz-security-token,") !=
          std::string::npos);
}

TEST_CASE("sigv4: headers that a library or a proxy may change are not signed") {
    CHECK(of_suite("GET", "/", {{"User-Agent", "desk"}}) ==
          "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}
