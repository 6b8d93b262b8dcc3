// control_parts.h — the forms of the control API's answers, and what is read from a body.
#pragma once

#include <optional>
#include <string>

#include "daemon/control.h"
#include "desk/json.h"

namespace mc::app {

// 400 is exit code 2, the rest 1.
ControlAnswer error(int status, const std::string& what, const std::string& hint = {});
// 503 of the ledger, 409 what may not be done now, else 400.
ControlAnswer error(const Error& error);
ControlAnswer good(const Json& json);
// What the engine replied to who acts.
ControlAnswer action(const Reply& reply);
ControlAnswer no_run(RunId id);
// "run 17 has no attempt 4", and how many it has.
Error no_attempt(const Run& run, std::int64_t attempt);

// "" where the body has none, or no text.
std::string text_in(const Json& body, const char* key);
bool flag_in(const Json& body, const char* key);
// Absent when the body has none. Error: usage, when it is no date.
Result<std::optional<Date>> date_in(const Json& body, const char* key);

// What `start --env` adds to a run's environment: the ledger keeps it. Error: usage, when it is more than 64 KB.
Result<void> check_start_env(const std::map<std::string, std::string>& env);

// How many bytes at the end begin a character of UTF-8 that is not whole yet.
std::size_t begun_character(std::string_view text);

// "root", "uid 1000"
std::string who(std::uint32_t uid);

}  // namespace mc::app
