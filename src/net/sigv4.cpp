#include "net/sigv4.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "base/letters.h"

namespace mc::os {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

// Headers that proxies and libraries may change are not signed.
constexpr std::array<std::string_view, 2> unsigned_headers{"user-agent", "x-amzn-trace-id"};

std::string hex(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return text;
}

bool is_unreserved(char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

std::string encoded(std::string_view text, bool with_slashes) {
    std::string out;
    for (const char c : text) {
        if (is_unreserved(c) || (c == '/' && !with_slashes)) out += c;
        else out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// A `%` without two hexadecimal digits after it is kept.
std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape =
            text[i] == '%' && i + 2 < text.size() && digit_of(text[i + 1]) >= 0 && digit_of(text[i + 2]) >= 0;
        if (!escape) {
            out += text[i];
            continue;
        }
        out += static_cast<char>(digit_of(text[i + 1]) * 16 + digit_of(text[i + 2]));
        i += 2;
    }
    return out;
}

// Without empty segments, "." and "..".
std::string normalized(std::string_view path) {
    std::vector<std::string_view> kept;
    for (std::size_t at = 0; at <= path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string_view segment = path.substr(at, end - at);
        at = end + 1;
        if (segment.empty() || segment == ".") continue;
        if (segment != "..") kept.push_back(segment);
        else if (!kept.empty()) kept.pop_back();
    }
    const bool ends_with_slash =
        !kept.empty() && (path.ends_with('/') || path.ends_with("/.") || path.ends_with("/.."));
    return fmt::format("/{}{}", fmt::join(kept, "/"), ends_with_slash ? "/" : "");
}

struct Address {
    std::string host, path, query;
};

Address address_of(std::string_view url) {
    const bool tls = url.starts_with("https://");
    const std::size_t start = tls ? 8 : 7;
    const std::size_t end = std::min(url.find_first_of("/?", start), url.size());
    std::string_view host = url.substr(start, end - start);
    const std::string_view usual_port = tls ? ":443" : ":80";
    if (host.ends_with(usual_port)) host.remove_suffix(usual_port.size());
    const std::size_t question = std::min(url.find('?', end), url.size());
    const std::string_view query = question < url.size() ? url.substr(question + 1) : std::string_view{};
    return {std::string(host), std::string(url.substr(end, question - end)), std::string(query)};
}

std::string canonical_query(std::string_view query) {
    std::vector<std::pair<std::string, std::string>> all;
    for (std::size_t at = 0; at < query.size();) {
        const std::size_t end = std::min(query.find('&', at), query.size());
        const std::string_view one = query.substr(at, end - at);
        at = end + 1;
        if (one.empty()) continue;
        const std::size_t equals = std::min(one.find('='), one.size());
        const std::string_view value = equals < one.size() ? one.substr(equals + 1) : std::string_view{};
        all.emplace_back(encoded(decoded(one.substr(0, equals)), true), encoded(decoded(value), true));
    }
    std::sort(all.begin(), all.end());
    std::vector<std::string> texts;
    for (const auto& [name, value] : all) texts.push_back(fmt::format("{}={}", name, value));
    return fmt::format("{}", fmt::join(texts, "&"));
}

// Without blanks at the ends; each sequence of blanks inside becomes one.
std::string squeezed(std::string_view value) {
    std::string out;
    for (const char c : value) {
        const bool blank = c == ' ' || c == '\t';
        if (blank && (out.empty() || out.back() == ' ')) continue;
        out += blank ? ' ' : c;
    }
    if (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

std::map<std::string, std::string> signed_headers(const WebHeaders& given, const WebHeaders& added) {
    std::map<std::string, std::string> all;
    for (const WebHeaders* headers : {&given, &added}) {
        for (const auto& [name, value] : *headers) {
            const std::string small = lower_case(name);
            if (std::find(unsigned_headers.begin(), unsigned_headers.end(), small) == unsigned_headers.end())
                all[small] = squeezed(value);
        }
    }
    return all;
}

// S3 and services with its rules, such as s3-outposts; s3tables and s3vectors do not have them.
bool is_s3(std::string_view service) { return service == "s3" || service == "s3express" || service.starts_with("s3-"); }

std::string canonical_path(std::string_view path, std::string_view service) {
    if (path.empty()) return "/";
    return is_s3(service) ? encoded(decoded(path), false) : encoded(normalized(path), false);
}

}  // namespace

std::string encoded_path(std::string_view text) { return encoded(text, false); }

Signature sign(const WebRequest& request, const AwsSigner& signer, std::string_view body, Instant now,
               const CryptoLibrary& crypto) {
    const Address address = address_of(request.url);
    std::string time = to_string(now);  // 2015-08-30T12:36:00Z
    std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
    const std::string scope = fmt::format("{}/{}/{}/aws4_request", time.substr(0, 8), signer.region, signer.service);
    const std::string body_hash = hex(crypto.sha256(body));

    Signature signature;
    const bool has_host = std::any_of(request.headers.begin(), request.headers.end(),
                                      [](const auto& header) { return lower_case(header.first) == "host"; });
    if (!has_host) signature.headers.emplace_back("Host", address.host);
    signature.headers.emplace_back("X-Amz-Date", time);
    if (is_s3(signer.service)) signature.headers.emplace_back("X-Amz-Content-Sha256", body_hash);
    if (!signer.session_token.empty()) signature.headers.emplace_back("X-Amz-Security-Token", signer.session_token);

    std::string header_lines, names;
    for (const auto& [name, value] : signed_headers(request.headers, signature.headers)) {
        header_lines += fmt::format("{}:{}\n", name, value);
        names += (names.empty() ? "" : ";") + name;
    }
    signature.canonical_request =
        fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, canonical_path(address.path, signer.service),
                    canonical_query(address.query), header_lines, names, body_hash);
    signature.string_to_sign =
        fmt::format("{}\n{}\n{}\n{}", algorithm, time, scope, hex(crypto.sha256(signature.canonical_request)));

    std::string key = "AWS4" + signer.secret_key;
    for (const std::string& part : {time.substr(0, 8), signer.region, signer.service, std::string("aws4_request")})
        key = crypto.hmac_sha256(key, part);
    signature.headers.emplace_back(
        "Authorization",
        fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", algorithm, signer.access_key, scope, names,
                    hex(crypto.hmac_sha256(key, signature.string_to_sign))));
    return signature;
}

}  // namespace mc::os
