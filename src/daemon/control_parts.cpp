#include "daemon/control_parts.h"

#include <fmt/format.h>

namespace mc::app {

ControlAnswer error(int status, const std::string& what, const std::string& hint) {
    const int code = status == 400 ? 2 : 1;
    return {status, Json{{"error", what}, {"hint", hint}, {"exit_code", code}}.dump()};
}

ControlAnswer error(const Error& error) {
    const int status = is_of_ledger(error.kind) ? 503 : error.kind == Error::Kind::refused ? 409 : 400;
    return mc::app::error(status, error.what, error.hint);
}

ControlAnswer good(const Json& json) { return {200, json.dump()}; }

ControlAnswer action(const Reply& reply) {
    const int code = reply.ok ? 0 : exit_code(reply.kind);
    ControlAnswer answer =
        good(Json{{"ok", reply.ok}, {"text", reply.text}, {"runs", reply.runs}, {"exit_code", code}});
    if (!reply.ok) answer.status = code == 2 ? 400 : is_of_ledger(reply.kind) ? 503 : 409;
    return answer;
}

ControlAnswer no_run(RunId id) {
    return error(400, fmt::format("there is no run {}", id), "marketcron runs lists them");
}

Error no_attempt(const Run& run, std::int64_t attempt) {
    const std::string hint = run.attempt == 0 ? "it has not started" : fmt::format("its latest is {}", run.attempt);
    return {Error::Kind::usage, fmt::format("run {} has no attempt {}", run.id, attempt), hint, {}};
}

std::string text_in(const Json& body, const char* key) {
    return body.contains(key) && body[key].is_string() ? body[key].get<std::string>() : std::string();
}

bool flag_in(const Json& body, const char* key) {
    return body.contains(key) && body[key].is_boolean() && body[key].get<bool>();
}

Result<std::optional<Date>> date_in(const Json& body, const char* key) {
    const std::string text = text_in(body, key);
    if (text.empty()) return std::optional<Date>{};
    auto parsed = parse_date(text);
    if (!parsed) return tl::unexpected(parsed.error());
    return std::optional(*parsed);
}

Result<void> check_start_env(const std::map<std::string, std::string>& env) {
    constexpr std::size_t most = 64 * 1024;
    std::size_t bytes = 0;
    for (const auto& [name, value] : env) bytes += name.size() + value.size() + 2;  // NAME=value and its end
    if (bytes <= most) return {};
    return fail(Error::Kind::usage, fmt::format("--env has {} bytes in all, and may have {}", bytes, most),
                "write it to a file, and give the file's name");
}

std::size_t begun_character(std::string_view text) {
    for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if ((byte & 0xC0U) == 0x80U) continue;
        const std::size_t length = byte >= 0xF0U ? 4 : byte >= 0xE0U ? 3 : byte >= 0xC0U ? 2 : 1;
        return length > back ? back : 0;
    }
    return 0;
}

std::string who(std::uint32_t uid) { return uid == 0 ? "root" : fmt::format("uid {}", uid); }

}  // namespace mc::app
