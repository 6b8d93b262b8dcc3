// answers.h — the answers of the control API. Every answer is a JSON object; an error is
// {"error", "hint", "exit_code"}, with status 429 also "retry_after", an action {"ok", "text", "runs", "exit_code"}.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "desk/json.h"
#include "engine/engine.h"

namespace mc::app {

struct ControlAnswer {
    int status = 200;
    std::string body;     // JSON
    std::string allow{};  // with 405: the methods that the path has
};

ControlAnswer good(const Json& json);
// `exit_code` is 2 for status 400, else 1.
ControlAnswer error(int status, const std::string& what, const std::string& hint = {});
// Status 429: the same request is permitted again after `wait`; `retry_after` has the seconds.
ControlAnswer too_early(const std::string& what, std::chrono::seconds wait);
// Status 503 if the ledger failed, 409 if the request was understood and refused, else 400.
ControlAnswer error(const Error& error);
// The engine's reply to an action. Status 200 if it was done; else 503 if the ledger failed, 400 if `exit_code` is 2, or
// 409.
ControlAnswer action(const Reply& reply);

// The caller, as the ledger and the log name it: "root", "uid 1000".
std::string who(std::uint32_t uid);

}  // namespace mc::app
