#include "app/secrets.h"

#include <fmt/format.h>

#include <algorithm>

#include "os/files.h"

namespace mc::app {

namespace {
constexpr std::size_t secret_bytes_max = 64 * 1024;
constexpr std::size_t masked_from_bytes = 3;    // masking "a" would make the output unreadable
constexpr std::size_t url_part_from_bytes = 8;  // shorter parts of a path ("api", "hooks") are no secret

std::vector<std::string> secret_files(const HttpCall& call) {
    std::vector<std::string> files{call.url.secret_file};
    for (const HttpHeader& header : call.headers) files.push_back(header.value.secret_file);
    if (call.sigv4)
        for (const std::string& file :
             {call.sigv4->access_key_file, call.sigv4->secret_key_file, call.sigv4->session_token_file})
            files.push_back(file);
    std::erase(files, "");
    return files;
}

// What follows the host, whole and in its parts.
void mask_url(const std::string& url, std::map<std::string, std::string>& masks) {
    const std::size_t scheme = url.find("://");
    const std::size_t path = url.find_first_of("/?", scheme == std::string::npos ? 0 : scheme + 3);
    if (path == std::string::npos) return;
    const auto add = [&](const std::string& part) {
        if (part.size() >= url_part_from_bytes) masks.emplace("url " + part, part);
    };
    add(url.substr(path));
    for (std::size_t at = path + 1; at < url.size();) {
        const std::size_t end = std::min(url.find_first_of("/?&=", at), url.size());
        add(url.substr(at, end - at));
        at = end + 1;
    }
}

}  // namespace

Result<std::map<std::string, std::string>> read_secrets(const Job& job) {
    std::map<std::string, std::string> values;
    for (const auto& [name, file] : job.secret_env) {
        auto text = os::read_file(file, secret_bytes_max);
        if (!text)
            return fail(Error::Kind::process, fmt::format("secret_env {}: {}", name, text.error().what),
                        text.error().hint);
        if (!text->empty() && text->back() == '\n') text->pop_back();
        values.emplace(name, std::move(*text));
    }
    return values;
}

Result<std::string> read_secret(const std::string& file) {
    auto text = os::read_file(file, secret_bytes_max);
    if (!text) return text;
    text->erase(text->find_last_not_of(" \t\r\n") + 1);
    text->erase(0, text->find_first_not_of(" \t\r\n"));
    if (text->empty()) return fail(Error::Kind::process, fmt::format("{} holds nothing", file));
    return text;
}

Result<HttpSecrets> read_http_secrets(const Job& job) {
    HttpSecrets contents;
    const auto* call = std::get_if<HttpAction>(&job.action);
    if (call == nullptr) return contents;
    for (const std::string& file : secret_files(**call)) {
        auto text = read_secret(file);
        if (!text) return fail(Error::Kind::process, "http: " + text.error().what, text.error().hint);
        contents.emplace(file, *std::move(text));
    }
    return contents;
}

Result<std::map<std::string, std::string>> read_masks(const Job& job) {
    auto masks = read_secrets(job);
    const auto* call = std::get_if<HttpAction>(&job.action);
    if (!masks || call == nullptr) return masks;
    const auto contents = read_http_secrets(job);
    if (!contents) return tl::unexpected(contents.error());
    for (const auto& [file, content] : *contents) {
        // Who called is told openly; "Bearer TOKEN" is told in two words.
        if ((*call)->sigv4 && file == (*call)->sigv4->access_key_file) continue;
        masks->emplace("file " + file, content);
        if (file == (*call)->url.secret_file) mask_url(content, *masks);
        else if (const std::size_t blank = content.rfind(' '); blank != std::string::npos)
            masks->emplace("word " + file, content.substr(blank + 1));
    }
    return masks;
}

std::string mask(std::string text, const std::map<std::string, std::string>& secrets) {
    for (const auto& [name, value] : secrets) {
        if (value.size() < masked_from_bytes) continue;
        for (std::size_t at = text.find(value); at != std::string::npos; at = text.find(value, at + 3))
            text.replace(at, value.size(), "***");
    }
    return text;
}

std::size_t settled_length(const std::string& masked, const std::map<std::string, std::string>& secrets) {
    std::size_t held = 0;
    for (const auto& [name, value] : secrets)
        for (std::size_t length = std::min(value.size(), masked.size()); length > held; --length)
            if (masked.ends_with(std::string_view(value).substr(0, length))) held = length;
    return masked.size() - held;
}

}  // namespace mc::app
