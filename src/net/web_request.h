// web_request.h — one request as it is to be sent: what the daemon hands to the process that sends it.
//
// It travels as JSON over that process's standard input (daemon/http_child.h), for it holds secrets: neither ps nor
// /proc shows them. A newer program understands the requests of older ones, and refuses those of newer ones.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace mc::os {

using WebHeaders = std::vector<std::pair<std::string, std::string>>;

// What to sign for, and with what. Empty keys: they are in the environment of who sends.
struct AwsSigner {
    std::string region, service;
    std::string access_key, secret_key, session_token;
    bool operator==(const AwsSigner&) const = default;
};

struct WebRequest {
    std::string method = "GET", url;
    bool url_is_secret = false;  // but for its host
    WebHeaders headers;
    std::optional<std::string> body;
    std::string body_file;    // in place of `body`; "" = none
    std::vector<int> status;  // that mean success; empty: 200 to 299
    std::string ca_file;      // "" = the system's
    int seconds_max = 60;     // in all; none where it is more than curl can count, 24 days
    std::optional<AwsSigner> signer;
    bool operator==(const WebRequest&) const = default;
};

// Error: process, when something in it is no UTF-8; it names no content.
Result<std::string> request_json(const WebRequest& request);
// Error: process, when it is no such JSON, or a newer program's.
Result<WebRequest> read_request(std::string_view json);

// "https://hooks.example/***".
std::string without_path(std::string_view url);

// "200-299", "200", "200 or 202", "200, 201 or 202".
std::string status_text(const std::vector<int>& status);
bool is_wanted(int status, const std::vector<int>& wanted);

}  // namespace mc::os
