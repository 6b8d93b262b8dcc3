// web_request.h — a complete HTTP request, which the daemon passes to the process that sends it.
//
// It is passed as JSON on that process's standard input (daemon/http_child.h), because it holds secrets, which neither
// ps nor /proc must show. A program understands the requests of older versions and refuses those of newer ones.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace mc::os {

using WebHeaders = std::vector<std::pair<std::string, std::string>>;

// The region and service to sign for, and the keys. Empty keys come from the sending process's environment.
struct AwsSigner {
    std::string region, service;
    std::string access_key, secret_key, session_token;
    bool operator==(const AwsSigner&) const = default;
};

struct WebRequest {
    std::string method = "GET", url;
    bool url_is_secret = false;  // except its host
    WebHeaders headers;
    std::optional<std::string> body;
    std::string body_file;    // instead of `body`; "" = none
    std::vector<int> status;  // those that mean success; empty: 200 to 299
    std::string ca_file;      // "" = the system's
    int seconds_max = 60;     // time limit of the whole request; above 24 days, curl's maximum, there is no limit
    std::optional<AwsSigner> signer;
    bool operator==(const WebRequest&) const = default;
};

// Error: process, when a text is not UTF-8; the error does not quote it.
Result<std::string> request_json(const WebRequest& request);
// Error: process, when it is not such JSON, or a newer version's.
Result<WebRequest> read_request(std::string_view json);

// "https://hooks.example/***".
std::string without_path(std::string_view url);

// The value of a header line, without blanks around it, if the header has this name in any case; otherwise nullopt.
std::optional<std::string> header_value(std::string_view line, std::string_view name);

// "200-299", "200", "200 or 202", "200, 201 or 202".
std::string status_text(const std::vector<int>& status);
bool is_wanted(int status, const std::vector<int>& wanted);

}  // namespace mc::os
