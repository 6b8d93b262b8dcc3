#include "app/client.h"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/open.h"
#include "os/http_client.h"

namespace mc::app {

Result<Json> ask_daemon(const std::string& socket, const std::string& method, const std::string& path,
                        const std::string& body) {
    const auto answer = os::ask_socket(socket, method, path, body);
    if (!answer) return tl::unexpected(answer.error());
    Json json = Json::parse(answer->body, nullptr, false);
    if (json.is_discarded())
        return fail(Error::Kind::network,
                    fmt::format("the daemon on {} answered no JSON (status {})", socket, answer->status));
    if (json.contains("error"))
        return fail(Error::Kind::refused, json["error"].get<std::string>(), json.value("hint", std::string()));
    return json;
}

int act_and_tell(const Args& args, const std::string& path, const std::string& body) {
    const auto opened = open_place(args);
    if (!opened) return report(opened.error());
    const auto answer = ask_daemon(opened->socket, "POST", path, body);
    if (!answer) return report(answer.error());
    const bool ok = answer->value("ok", false);
    fmt::print(ok ? stdout : stderr, "{}{}\n", ok ? "" : "marketcron: ", answer->value("text", std::string()));
    return ok ? 0 : answer->value("exit_code", 1);
}

}  // namespace mc::app
