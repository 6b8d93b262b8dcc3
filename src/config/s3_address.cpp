#include "config/s3_address.h"

#include <algorithm>

namespace mc {

namespace {

constexpr std::string_view scheme = "s3://";
constexpr std::size_t bucket_least = 3, bucket_most = 63, key_bytes_max = 1024;  // limits of S3

bool is_of_a_bucket(char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }

tl::unexpected<Error> bad(std::string what) {
    return fail(Error::Kind::config, "`s3` " + std::move(what), "write s3 = \"s3://BUCKET/KEY\"");
}

}  // namespace

Result<S3Address> parse_s3_address(std::string_view text) {
    if (!text.starts_with(scheme)) return bad("is not the address of an object");
    text.remove_prefix(scheme.size());
    const std::size_t slash = text.find('/');
    const std::string_view bucket = text.substr(0, slash);
    if (bucket.size() < bucket_least || bucket.size() > bucket_most ||
        !std::all_of(bucket.begin(), bucket.end(), is_of_a_bucket))
        return bad("has no valid bucket name");
    const std::string_view key = slash == std::string_view::npos ? std::string_view{} : text.substr(slash + 1);
    if (key.empty()) return bad("has no object key");
    if (key.size() > key_bytes_max) return bad("has an object key of more than 1024 bytes");
    if (std::any_of(key.begin(), key.end(), is_control)) return bad("has a line break or another control character");
    return S3Address{std::string(bucket), std::string(key)};
}

}  // namespace mc
