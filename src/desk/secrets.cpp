#include "desk/secrets.h"

#include <fmt/format.h>

#include <algorithm>

#include "desk/env_file.h"
#include "os/files.h"

namespace mc::app {

namespace {
constexpr std::size_t secret_bytes_max = 64 * 1024;
constexpr std::size_t url_part_from_bytes = 8;  // shorter parts of a path ("api", "hooks") are not secret

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

// Adds what follows the host: as a whole, and each of its parts.
void add_url(const std::string& url, std::vector<std::string>& values) {
    const std::size_t scheme = url.find("://");
    const std::size_t path = url.find_first_of("/?", scheme == std::string::npos ? 0 : scheme + 3);
    if (path == std::string::npos) return;
    const auto add = [&](const std::string& part) {
        if (part.size() >= url_part_from_bytes) values.push_back(part);
    };
    add(url.substr(path));
    for (std::size_t at = path + 1; at < url.size();) {
        const std::size_t end = std::min(url.find_first_of("/?&=", at), url.size());
        add(url.substr(at, end - at));
        at = end + 1;
    }
}

bool signs_with_environment(const Job& job) {
    const auto has_no_files = [](const AwsSigning& signing) { return signing.secret_key_file.empty(); };
    if (const auto* call = std::get_if<HttpAction>(&job.action))
        if ((*call)->sigv4 && has_no_files(*(*call)->sigv4)) return true;
    for (std::size_t i = 0; job.wait && i < job.wait->size(); ++i)
        if (const auto* s3 = std::get_if<S3Sensor>(&(*job.wait)[i].kind)) {
            if (has_no_files(s3->signing)) return true;
        }
    return false;
}

// The keys that sign a request may be in the env_file too.
Result<void> add_signing_keys(const Job& job, std::vector<std::string>& values) {
    if (job.env_file.empty() || !signs_with_environment(job)) return {};
    auto file = read_env_file(job.env_file);
    if (!file) return tl::unexpected(file.error());
    for (const char* name : {"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"})
        if (const auto found = file->find(name); found != file->end()) values.push_back(found->second);
    return {};
}

}  // namespace

Result<std::map<std::string, std::string>> read_secrets(const Job& job) {
    std::map<std::string, std::string> values;
    for (const auto& [name, file] : job.secret_env) {
        auto text = os::read_file(file, secret_bytes_max);
        if (!text)
            return fail(text.error().kind, fmt::format("secret_env {}: {}", name, text.error().what),
                        text.error().hint);
        if (!text->empty() && text->back() == '\n') text->pop_back();
        if (text->find('\0') != std::string::npos)
            return fail(Error::Kind::process, fmt::format("secret_env {}: {} contains a NUL byte", name, file),
                        "an environment variable cannot contain one; let the job read the file");
        values.emplace(name, std::move(*text));
    }
    return values;
}

Result<std::string> read_secret(const std::string& file) {
    auto text = os::read_file(file, secret_bytes_max);
    if (!text) return text;
    text->erase(text->find_last_not_of(" \t\r\n") + 1);
    text->erase(0, text->find_first_not_of(" \t\r\n"));
    if (text->empty()) return fail(Error::Kind::process, fmt::format("{} is empty or blank", file));
    return text;
}

Result<HttpSecrets> read_http_secrets(const Job& job) {
    HttpSecrets contents;
    const auto* call = std::get_if<HttpAction>(&job.action);
    if (call == nullptr) return contents;
    for (const std::string& file : secret_files(**call)) {
        auto text = read_secret(file);
        if (!text) return fail(text.error().kind, "http: " + text.error().what, text.error().hint);
        contents.emplace(file, *std::move(text));
    }
    return contents;
}

Result<std::vector<std::string>> read_masked_values(const Job& job) {
    std::vector<std::string> values;
    auto secrets = read_secrets(job);
    if (!secrets) return tl::unexpected(secrets.error());
    for (auto& [name, value] : *secrets) values.push_back(std::move(value));
    if (auto keys = add_signing_keys(job, values); !keys) return tl::unexpected(keys.error());
    const auto* call = std::get_if<HttpAction>(&job.action);
    if (call == nullptr) return values;
    const auto contents = read_http_secrets(job);
    if (!contents) return tl::unexpected(contents.error());
    for (const auto& [file, content] : *contents) {
        // The id of the access key is not secret. Of "Bearer TOKEN" an answer may repeat TOKEN alone.
        if ((*call)->sigv4 && file == (*call)->sigv4->access_key_file) continue;
        values.push_back(content);
        if (file == (*call)->url.secret_file) add_url(content, values);
        else if (const std::size_t blank = content.rfind(' '); blank != std::string::npos)
            values.push_back(content.substr(blank + 1));
    }
    return values;
}

std::vector<std::string> masked_files(const Job& job) {
    std::vector<std::string> files;
    for (const auto& [name, file] : job.secret_env) files.push_back(file);
    if (!job.env_file.empty() && signs_with_environment(job)) files.push_back(job.env_file);
    if (const auto* call = std::get_if<HttpAction>(&job.action))
        for (std::string& file : secret_files(**call)) files.push_back(std::move(file));
    return files;
}

}  // namespace mc::app
