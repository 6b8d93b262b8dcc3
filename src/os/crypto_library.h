// crypto_library.h — SHA-256 and its HMAC, by OpenSSL's libcrypto, found when they are first needed.
//
// Only who signs a request loads it: it is as large as the daemon itself.
#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace mc::os {

class CryptoLibrary {
   public:
    // Error: process, with the name of the package to install.
    static Result<CryptoLibrary> load();

    // 32 bytes each.
    std::string sha256(std::string_view text) const;
    std::string hmac_sha256(std::string_view key, std::string_view text) const;

   private:
    decltype(&::EVP_sha256) evp_sha256_ = nullptr;
    decltype(&::EVP_Digest) evp_digest_ = nullptr;
    decltype(&::HMAC) hmac_ = nullptr;
};

}  // namespace mc::os
