// s3_address.h — "s3://BUCKET/KEY": an object in a store that speaks the language of Amazon's S3.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace mc {

struct S3Address {
    std::string bucket, key;  // the key as its owner wrote it, encoded in no way
};

// Error: config, speaking of `s3`.
Result<S3Address> parse_s3_address(std::string_view text);

}  // namespace mc
