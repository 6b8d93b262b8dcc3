// s3_address.h — "s3://BUCKET/KEY": an object in a store with Amazon's S3 protocol.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace mc {

struct S3Address {
    std::string bucket, key;  // the key as written, not encoded
};

// Error: config; it names `s3`.
Result<S3Address> parse_s3_address(std::string_view text);

}  // namespace mc
