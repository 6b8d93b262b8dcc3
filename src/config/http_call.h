// http_call.h — a job's `http`: one request to a web address, in place of a command.
//
// Values as written; a run fills in the texts and reads the files (daemon/http_action.h). What a file holds is a
// secret and stands in no plan.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/boxed_optional.h"
#include "config/template.h"

namespace mc {

// "text", or { file = "/secret", prefix = "Bearer " }: the text, then what the file holds.
struct HttpText {
    Template text;
    std::string secret_file;  // absolute; "" = the text alone
    bool given() const { return !text.text().empty() || !secret_file.empty(); }
};

struct HttpHeader {
    std::string name;
    HttpText value;
};

// sigv4 = { region = "us-east-1", service = "sqs" }: Amazon's Signature Version 4. Without key files the keys are
// in the job's environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, where there is one, AWS_SESSION_TOKEN.
struct AwsSigning {
    std::string region, service;
    std::string access_key_file, secret_key_file, session_token_file;
};

struct HttpCall {
    std::string method;  // "" = POST with a body, else GET
    HttpText url;
    std::vector<HttpHeader> headers;  // each name once, whatever its letters' case
    BoxedOptional<Template> body;
    BoxedOptional<Template> body_file;  // read when the request is sent, by the job's user
    std::vector<int> status;            // that mean success; empty: 200 to 299
    std::string ca_file;                // whose certificates are believed; "" = the system's
    BoxedOptional<AwsSigning> sigv4;

    bool has_body() const { return body || body_file; }
    std::string sent_method() const { return !method.empty() ? method : has_body() ? "POST" : "GET"; }
};

// Without a `timeout` of its own a request gets this long.
constexpr Seconds http_timeout{60};

// The text with a letter in place of each name: what stands in a URL whatever the run.
std::string with_names_filled(std::string_view text);

// Whether it is an http or https address that can be asked. Error: config; it speaks of the `key` that holds it, and
// does not repeat the address, which may be a secret.
Result<void> check_http_url(std::string_view url, std::string_view key = "url");

// Whether it can be sent as a header's value: no line break, no control character. Error: config, without the value.
Result<void> check_header_value(std::string_view value);

}  // namespace mc
