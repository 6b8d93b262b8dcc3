// crypto_library.h — SHA-256 and its HMAC from OpenSSL's libcrypto, which is loaded when they are first needed.
//
// Only a process that signs a request loads it, because it is as large as the daemon itself. A failure of libcrypto (no
// memory, a configuration that forbids SHA-256) is thrown as std::runtime_error.
#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>
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

    // The SHA-256 of a text that comes in pieces.
    class Sha256 {
       public:
        void add(std::string_view piece);
        std::string end();  // 32 bytes; do not call add() afterwards

       private:
        friend class CryptoLibrary;
        using Context = std::unique_ptr<EVP_MD_CTX, decltype(&::EVP_MD_CTX_free)>;
        Sha256(const CryptoLibrary& crypto, Context context) : crypto_(crypto), context_(std::move(context)) {}
        const CryptoLibrary& crypto_;
        Context context_;
    };
    // The library must outlive it.
    Sha256 sha256() const;

   private:
    decltype(&::EVP_sha256) evp_sha256_ = nullptr;
    decltype(&::EVP_Digest) evp_digest_ = nullptr;
    decltype(&::HMAC) hmac_ = nullptr;
    decltype(&::EVP_MD_CTX_new) context_new_ = nullptr;
    decltype(&::EVP_MD_CTX_free) context_free_ = nullptr;
    decltype(&::EVP_DigestInit_ex) digest_begin_ = nullptr;
    decltype(&::EVP_DigestUpdate) digest_add_ = nullptr;
    decltype(&::EVP_DigestFinal_ex) digest_end_ = nullptr;
};

}  // namespace mc::os
