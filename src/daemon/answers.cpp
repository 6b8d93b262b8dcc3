#include "daemon/answers.h"

#include <fmt/format.h>

#include "base/time.h"

namespace mc::app {

ControlAnswer good(const Json& json) { return {200, json.dump()}; }

ControlAnswer error(int status, const std::string& what, const std::string& hint) {
    const int code = status == 400 ? 2 : 1;
    return {status, Json{{"error", what}, {"hint", hint}, {"exit_code", code}}.dump()};
}

ControlAnswer too_early(const std::string& what, std::chrono::seconds wait) {
    return {429, Json{{"error", what},
                      {"hint", fmt::format("try again in {}", duration_text(wait))},
                      {"retry_after", wait.count()},
                      {"exit_code", 1}}
                     .dump()};
}

ControlAnswer error(const Error& error) {
    const int status = is_of_ledger(error.kind) ? 503 : error.kind == Error::Kind::refused ? 409 : 400;
    return app::error(status, error.what, error.hint);
}

ControlAnswer action(const Reply& reply) {
    const int code = reply.ok ? 0 : exit_code(reply.kind);
    ControlAnswer answer =
        good(Json{{"ok", reply.ok}, {"text", reply.text}, {"runs", reply.runs}, {"exit_code", code}});
    if (!reply.ok) answer.status = code == 2 ? 400 : is_of_ledger(reply.kind) ? 503 : 409;
    return answer;
}

std::string who(std::uint32_t uid) { return uid == 0 ? "root" : fmt::format("uid {}", uid); }

}  // namespace mc::app
