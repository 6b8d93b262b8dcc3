// sigv4.h — Amazon's Signature Version 4: the headers that authenticate the sender of a request.
//
// A pure function of the request, the keys and the time. It signs the method, the path, the query, the host, all given
// headers (except those that proxies may change) and the body's hash. The path is sent as in the URL. For S3, whose
// keys may be any text, it is signed in the same form; for all other services it is normalized and encoded once more.
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
    // The two texts from which the signature is computed, to compare with those in a service's error message.
    std::string canonical_request, string_to_sign;
    // Headers to send in addition to the request's own: Host, X-Amz-Date, Authorization, and if needed
    // X-Amz-Content-Sha256 and X-Amz-Security-Token.
    WebHeaders headers;
};

// The text encoded for a path: all bytes except letters, digits, `-._~` and `/` as %XX.
std::string encoded_path(std::string_view text);

// `request.url` must be valid (check_http_url), and the signer's keys must be set. `body` is the body to be sent.
Signature sign(const WebRequest& request, const AwsSigner& signer, std::string_view body, Instant now,
               const CryptoLibrary& crypto);

}  // namespace mc::os
