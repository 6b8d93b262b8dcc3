// answers.h — the answers of the control API. Every answer is a JSON object; an error is
// {"error": "...", "hint": "...", "exit_code": n}, an action {"ok", "text", "runs", "exit_code"}.
#pragma once

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
// 400 is exit code 2, the rest 1.
ControlAnswer error(int status, const std::string& what, const std::string& hint = {});
// 400, but 503 for the ledger's and 409 for what was understood and refused.
ControlAnswer error(const Error& error);
// What the engine replied to who acts.
ControlAnswer action(const Reply& reply);

// "root", "uid 1000"
std::string who(std::uint32_t uid);

}  // namespace mc::app
