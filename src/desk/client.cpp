#include "desk/client.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <thread>

#include "base/time.h"
#include "desk/open.h"
#include "desk/say.h"
#include "net/http_client.h"

namespace mc::app {

namespace {

// The seconds after which the daemon permits the request again; 0 if the answer is final.
std::chrono::seconds retry_after(const os::HttpAnswer& answer, const Json& json) {
    if (answer.status != 429 || !json.is_object()) return {};
    return std::chrono::seconds(json.value("retry_after", 0));
}

}  // namespace

Result<Json> ask_daemon(const std::string& socket, const std::string& method, const std::string& path,
                        const std::string& body) {
    for (auto left = longest_wait;;) {
        const auto answer = os::ask_socket(socket, method, path, body);
        if (!answer) return tl::unexpected(answer.error());
        auto json = Json::parse(answer->body);
        if (!json)
            return fail(Error::Kind::network,
                        fmt::format("the answer of the daemon on {} is not JSON (status {})", socket, answer->status));
        const Json* error = json->find("error");
        if (!error) return *std::move(json);
        const auto wait = method == "GET" ? retry_after(*answer, *json) : std::chrono::seconds(0);
        if (wait <= std::chrono::seconds(0) || wait > left)
            return fail(json->value("exit_code", 1) == 2 ? Error::Kind::usage : Error::Kind::refused,
                        error->get<std::string>(), json->value("hint", ""));
        if (::isatty(STDERR_FILENO) != 0)
            say(stderr, "marketcron: {}; waiting {}\n", error->get<std::string>(), duration_text(wait));
        std::this_thread::sleep_for(wait);
        left -= wait;
    }
}

std::string sent(const Json& body) { return body.dump(); }

int act_and_tell(const std::string& socket, const std::string& path, const std::string& body, bool quiet) {
    const auto answer = ask_daemon(socket, "POST", path, body);
    if (!answer) return report(answer.error());
    const std::string text = answer->value("text", std::string());
    if (answer->value("ok", false)) {
        if (!quiet) say("{}\n", text);
        return 0;
    }
    say(stderr, "marketcron: error: {}\n", text);
    return answer->value("exit_code", 1);
}

int act_and_tell(const Args& args, const std::string& path, const std::string& body) {
    const auto opened = locate_daemon(args);
    if (!opened) return report(opened.error());
    return act_and_tell(opened->socket, path, body);
}

}  // namespace mc::app
