#include "os/crypto_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <array>
#include <stdexcept>

namespace mc::os {

namespace {

constexpr std::size_t digest_bytes = 32;
using Digest = std::array<unsigned char, digest_bytes>;

template <class Function>
bool find(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(::dlsym(library, name));
    return function != nullptr;
}

// OpenSSL fails without memory, or if its configuration forbids the algorithm.
void require(bool done) {
    if (!done) throw std::runtime_error("libcrypto cannot compute SHA-256: no memory, or its configuration forbids it");
}

std::string text_of(const Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

}  // namespace

Result<CryptoLibrary> CryptoLibrary::load() {
    void* library = ::dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);
    CryptoLibrary crypto;
    const bool whole = library != nullptr && find(library, "EVP_sha256", crypto.evp_sha256_) &&
                       find(library, "EVP_Digest", crypto.evp_digest_) && find(library, "HMAC", crypto.hmac_) &&
                       find(library, "EVP_MD_CTX_new", crypto.context_new_) &&
                       find(library, "EVP_MD_CTX_free", crypto.context_free_) &&
                       find(library, "EVP_DigestInit_ex", crypto.digest_begin_) &&
                       find(library, "EVP_DigestUpdate", crypto.digest_add_) &&
                       find(library, "EVP_DigestFinal_ex", crypto.digest_end_);
    if (whole) return crypto;
    const char* reason = ::dlerror();
    return fail(Error::Kind::process, fmt::format("libcrypto cannot be loaded: {}", reason ? reason : "it is too old"),
                "install the package libssl3");
}

std::string CryptoLibrary::sha256(std::string_view text) const {
    Digest digest{};
    const int done = evp_digest_(text.data(), text.size(), digest.data(), nullptr, evp_sha256_(), nullptr);
    require(done == 1);
    return text_of(digest);
}

std::string CryptoLibrary::hmac_sha256(std::string_view key, std::string_view text) const {
    Digest digest{};
    const unsigned char* done =
        hmac_(evp_sha256_(), key.data(), static_cast<int>(key.size()),
              reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), nullptr);
    require(done != nullptr);
    return text_of(digest);
}

CryptoLibrary::Sha256 CryptoLibrary::sha256() const {
    Sha256::Context context(context_new_(), context_free_);
    require(context != nullptr && digest_begin_(context.get(), evp_sha256_(), nullptr) == 1);
    return {*this, std::move(context)};
}

void CryptoLibrary::Sha256::add(std::string_view piece) {
    require(crypto_.digest_add_(context_.get(), piece.data(), piece.size()) == 1);
}

std::string CryptoLibrary::Sha256::end() {
    Digest digest{};
    require(crypto_.digest_end_(context_.get(), digest.data(), nullptr) == 1);
    return text_of(digest);
}

}  // namespace mc::os
