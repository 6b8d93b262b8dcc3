// sigv4.h — Amazon's Signature Version 4: which headers prove who sends a request.
//
// A pure function of the request, the keys and the time. What is signed: the method, the path, the query, the host,
// every header that is given, and the body's hash. The path is sent and signed as the URL has it; of S3, whose keys
// may look like anything, it is signed as it is, of all other services normalized and encoded once more.
//
// Source  docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html; its examples, S3's and
//         those of the signature test suite are the unit test.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "net/web_request.h"
#include "os/crypto_library.h"

namespace mc::os {

struct Signature {
    // The two texts that the signature is made of, for whoever compares them with what the service complains of.
    std::string canonical_request, string_to_sign;
    // What to send beside the request's own headers: Host, X-Amz-Date, Authorization, and where they are called
    // for X-Amz-Content-Sha256 and X-Amz-Security-Token.
    WebHeaders headers;
};

// The text as it may stand in a path: all but letters, digits, `-._~` and `/` as %XX.
std::string encoded_path(std::string_view text);

// `request.url` is a good one (check_http_url), and the signer's keys are filled in. `body` is what is sent.
Signature sign(const WebRequest& request, const AwsSigner& signer, std::string_view body, Instant now,
               const CryptoLibrary& crypto);

}  // namespace mc::os
