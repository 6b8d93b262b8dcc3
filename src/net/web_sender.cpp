#include "net/web_sender.h"

#include <fmt/format.h>
#include <strings.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <limits>

#include "net/curl_library.h"
#include "net/sigv4.h"
#include "os/clock.h"
#include "os/crypto_library.h"
#include "os/files.h"

namespace mc::os {

namespace {

constexpr std::size_t body_file_bytes_max = 64U << 20;
constexpr long connect_timeout_seconds = 10;
constexpr int timeout_seconds_max = std::numeric_limits<int>::max() / 1000;  // curl counts milliseconds

// The state of the answer while it is received and printed.
struct Answer {
    std::string location, retry_after;
    bool at_line_start = true;
};

void print(Answer& answer, std::string_view text) {
    if (text.empty()) return;
    answer.at_line_start = text.back() == '\n';
    while (!text.empty()) {
        const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
        if (written <= 0) return;  // such as a full disk: the request continues
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

void complain(Answer& answer, std::string_view what) {
    print(answer, fmt::format("{}marketcron: {}\n", answer.at_line_start ? "" : "\n", what));
}

std::size_t take_body(char* data, std::size_t, std::size_t size, void* argument) {
    print(*static_cast<Answer*>(argument), {data, size});
    return size;
}

// Prints only the status line of the headers, and not that of an interim answer such as "100 Continue".
std::size_t take_header(char* data, std::size_t, std::size_t size, void* argument) {
    Answer& answer = *static_cast<Answer*>(argument);
    const std::string_view line(data, size);
    const std::size_t space = line.find(' ');
    const bool provisional = space != std::string_view::npos && line.substr(space + 1, 1) == "1";
    if (line.starts_with("HTTP/") && !provisional)
        print(answer, fmt::format("{}\n", line.substr(0, line.find_last_not_of(" \r\n") + 1)));
    if (auto location = header_value(line, "location")) answer.location = *std::move(location);
    if (auto retry_after = header_value(line, "retry-after")) answer.retry_after = *std::move(retry_after);
    return size;
}

Result<void> fill_body(WebRequest& request) {
    if (request.body_file.empty()) return {};
    auto text = read_file(request.body_file, body_file_bytes_max);
    if (!text) return tl::unexpected(text.error());
    request.body = *std::move(text);
    return {};
}

std::string from_environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

Result<void> add_signature(WebRequest& request) {
    if (!request.signer) return {};
    AwsSigner& signer = *request.signer;
    if (signer.secret_key.empty()) {
        signer.access_key = from_environment("AWS_ACCESS_KEY_ID");
        signer.secret_key = from_environment("AWS_SECRET_ACCESS_KEY");
        if (signer.session_token.empty()) signer.session_token = from_environment("AWS_SESSION_TOKEN");
    }
    if (signer.access_key.empty() || signer.secret_key.empty())
        return fail(Error::Kind::process,
                    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not in the job's environment",
                    "declare them in env, secret_env or env_file");
    const auto crypto = CryptoLibrary::load();
    if (!crypto) return tl::unexpected(crypto.error());
    const Signature signature = sign(request, signer, request.body.value_or(""), instant_now(), *crypto);
    request.headers.insert(request.headers.end(), signature.headers.begin(), signature.headers.end());
    return {};
}

// In curl's syntax: a header without a value ends in `;`; a header that ends in `:` is not sent.
curl_slist* header_list(const CurlLibrary& curl, const WebRequest& request) {
    curl_slist* list = curl.slist_append(nullptr, "Expect:");
    bool has_type = false;
    for (const auto& [name, value] : request.headers) {
        has_type = has_type || ::strcasecmp(name.c_str(), "content-type") == 0;
        list =
            curl.slist_append(list, value.empty() ? (name + ";").c_str() : fmt::format("{}: {}", name, value).c_str());
    }
    return has_type ? list : curl.slist_append(list, "Content-Type:");
}

bool set_options(const CurlLibrary& curl, CURL* easy, const WebRequest& request, curl_slist* headers, Answer& answer,
                 char* reason) {
    const auto set = [&](CURLoption option, auto value) { return curl.easy_setopt(easy, option, value) == CURLE_OK; };
    const curl_write_callback on_body = take_body, on_header = take_header;
    const std::string& method = request.method;
    // These methods send a Content-Length, also for an empty body.
    const bool says_length = request.body || method == "POST" || method == "PUT" || method == "PATCH";
    const std::string_view body = request.body ? std::string_view(*request.body) : std::string_view("");
    const bool body_set = !says_length || (set(CURLOPT_POSTFIELDS, body.data()) &&
                                           set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size())));
    return body_set && set(CURLOPT_URL, request.url.c_str()) && set(CURLOPT_PROTOCOLS_STR, "http,https") &&
           set(CURLOPT_NOBODY, method == "HEAD" ? 1L : 0L) && set(CURLOPT_CUSTOMREQUEST, method.c_str()) &&
           set(CURLOPT_FOLLOWLOCATION, 0L) && set(CURLOPT_PATH_AS_IS, 1L) && set(CURLOPT_NOSIGNAL, 1L) &&
           set(CURLOPT_USERAGENT, "marketcron") && set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) &&
           set(CURLOPT_TIMEOUT,
               request.seconds_max > timeout_seconds_max ? 0L : static_cast<long>(request.seconds_max)) &&
           set(CURLOPT_CONNECTTIMEOUT, connect_timeout_seconds) && set(CURLOPT_HTTPHEADER, headers) &&
           (request.ca_file.empty() || set(CURLOPT_CAINFO, request.ca_file.c_str())) &&
           // curl's text in the buffer may quote the address.
           (request.url_is_secret || set(CURLOPT_ERRORBUFFER, reason)) && set(CURLOPT_WRITEFUNCTION, on_body) &&
           set(CURLOPT_WRITEDATA, &answer) && set(CURLOPT_HEADERFUNCTION, on_header) &&
           set(CURLOPT_HEADERDATA, &answer);
}

Sent judge(int status, const WebRequest& request, Answer& answer) {
    if (is_wanted(status, request.status)) return Sent::wanted_status;
    std::string what = fmt::format("the status is {}, expected {}", status, status_text(request.status));
    if (!answer.location.empty())
        what += fmt::format("; it redirects to {}, but redirects are not followed",
                            request.url_is_secret ? without_path(answer.location) : answer.location);
    if (!answer.retry_after.empty()) what += fmt::format("; Retry-After: {}", answer.retry_after);
    complain(answer, what);
    return Sent::other_status;
}

Result<CurlLibrary> prepare(WebRequest& request) {
    if (auto filled = fill_body(request); !filled) return tl::unexpected(filled.error());
    if (auto added = add_signature(request); !added) return tl::unexpected(added.error());
    return CurlLibrary::load();
}

}  // namespace

Sent send_request(WebRequest request) {
    Answer answer;
    print(answer,
          fmt::format("{} {}\n", request.method, request.url_is_secret ? without_path(request.url) : request.url));
    const auto curl = prepare(request);
    if (!curl) {
        complain(answer, "not sent: " + curl.error().sentence());
        return Sent::no_answer;
    }
    CURL* easy = curl->easy_init();
    curl_slist* headers = header_list(*curl, request);
    std::array<char, CURL_ERROR_SIZE> reason{};
    CURLcode code = CURLE_FAILED_INIT;
    if (easy != nullptr && set_options(*curl, easy, request, headers, answer, reason.data()))
        code = curl->easy_perform(easy);
    long status = 0;
    if (easy != nullptr) curl->easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    Sent sent = Sent::no_answer;
    if (code == CURLE_OK) sent = judge(static_cast<int>(status), request, answer);
    else
        complain(answer, fmt::format("{}: {}", status == 0 ? "no answer" : "the answer is incomplete",
                                     reason[0] != '\0' ? reason.data() : curl->easy_strerror(code)));
    curl->slist_free_all(headers);
    curl->easy_cleanup(easy);
    return sent;
}

}  // namespace mc::os
