#include "daemon/s3_look.h"

#include <fmt/format.h>

#include "net/sigv4.h"

namespace mc::app {

namespace {

std::string url_of(const S3Sensor& sensor, const S3Address& address) {
    const std::string key = os::encoded_path(address.key);
    if (!sensor.endpoint.empty()) return fmt::format("{}/{}/{}", sensor.endpoint, address.bucket, key);
    const std::string& region = sensor.signing.region;
    const std::string host = fmt::format("s3.{}.amazonaws.com{}", region, region.starts_with("cn-") ? ".cn" : "");
    if (address.bucket.find('.') != std::string::npos)
        return fmt::format("https://{}/{}/{}", host, address.bucket, key);
    return fmt::format("https://{}.{}/{}", address.bucket, host, key);
}

}  // namespace

os::WebLook s3_look(const S3Sensor& sensor, const S3Address& address, os::AwsSigner signer, Instant now,
                    const os::CryptoLibrary& crypto) {
    os::WebRequest request;
    request.method = "HEAD";
    request.url = url_of(sensor, address);
    signer.region = sensor.signing.region;
    signer.service = sensor.signing.service;
    return {request.url, os::sign(request, signer, "", now, crypto).headers, true, sensor.ca_file};
}

std::string s3_trouble(int status) {
    switch (status) {
        case 404: return "";
        case 403: return "the store answers 403: the keys are wrong, or have no permission for it";
        case 301:
        case 307:
        case 400: return fmt::format("the store answers {}: check `region`", status);
        default: return fmt::format("the store answers {}", status);
    }
}

}  // namespace mc::app
