// s3_look.h — the request by which a sensor hears whether an object is in a store: a signed HEAD.
//
// Of Amazon's own stores the bucket stands in the host's name, as they want it; of others, and where the bucket's name
// has dots, which no certificate covers, in the path.
#pragma once

#include "config/s3_address.h"
#include "config/sensor.h"
#include "net/curl_client.h"
#include "os/crypto_library.h"

namespace mc::app {

os::WebLook s3_look(const S3Sensor& sensor, const S3Address& address, os::AwsSigner signer, Instant now,
                    const os::CryptoLibrary& crypto);

// Why the object is not known to be there, after an answer other than 2xx; "" where it just is not there yet.
std::string s3_trouble(int status);

}  // namespace mc::app
