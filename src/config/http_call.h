// http_call.h — a job's `http`: one request to a web address instead of a command.
//
// Values as written. A run fills in the texts and reads the files (daemon/http_action.h). The content of such a file is
// a secret and is never part of a plan.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/boxed_optional.h"
#include "config/template.h"

namespace mc {

// "text", or { file = "/secret", prefix = "Bearer " }: the text, followed by the content of the file.
struct HttpText {
    Template text;
    std::string secret_file;  // absolute; "" = the text alone
    bool given() const { return !text.text().empty() || !secret_file.empty(); }
};

struct HttpHeader {
    std::string name;
    HttpText value;
};

// sigv4 = { region = "us-east-1", service = "sqs" }: Amazon's Signature Version 4. Without key files the keys are in
// the job's environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and optionally AWS_SESSION_TOKEN.
struct AwsSigning {
    std::string region, service;
    std::string access_key_file, secret_key_file, session_token_file;
};

struct HttpCall {
    std::string method;  // "" = POST with a body, else GET
    HttpText url;
    std::vector<HttpHeader> headers;  // each name once, ignoring case
    BoxedOptional<Template> body;
    BoxedOptional<Template> body_file;  // read by the job's user when the request is sent
    std::vector<int> status;            // statuses that mean success; empty: 200 to 299
    std::string ca_file;                // trusted certificates; "" = the system's
    BoxedOptional<AwsSigning> sigv4;

    bool has_body() const { return body || body_file; }
    std::string sent_method() const { return !method.empty() ? method : has_body() ? "POST" : "GET"; }
};

// The time limit of a request whose job has no `timeout`.
constexpr Seconds http_timeout{60};

// The text with each {{name}} replaced by a letter: the parts of a URL that are the same for every run.
std::string with_names_filled(std::string_view text);

// Whether it is a usable http or https address. Error: config. The error names the `key`, but does not repeat the
// address, which may be a secret.
Result<void> check_http_url(std::string_view url, std::string_view key = "url");

// Whether it can be sent as a header value: no line break, no control character. Error: config, without the value.
Result<void> check_header_value(std::string_view value);

}  // namespace mc
