// s3_look.h — the request by which a sensor checks whether an object exists in an S3 store: a signed HEAD.
//
// For Amazon's own stores the bucket is part of the host's name, as Amazon requires. It is part of the path for other
// stores, and for a bucket whose name has dots, because Amazon's certificates do not cover such host names.
#pragma once

#include "config/s3_address.h"
#include "config/sensor.h"
#include "net/curl_client.h"
#include "os/crypto_library.h"

namespace mc::app {

os::WebLook s3_look(const S3Sensor& sensor, const S3Address& address, os::AwsSigner signer, Instant now,
                    const os::CryptoLibrary& crypto);

// What an answer other than 2xx means: a sentence, or "" if the object does not exist yet.
std::string s3_trouble(int status);

}  // namespace mc::app
