// cmd_notify_test.cpp — marketcron notify test TARGET: sends a test message, and reports whether it was delivered.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "desk/client.h"
#include "desk/open.h"
#include "desk/say.h"
#include "notify/channels.h"

namespace mc::app {

namespace {

// The message's delivery is checked for 10 seconds; after that it stays in the outbox, and is still retried.
constexpr int looks = 50;
constexpr std::chrono::milliseconds between_looks{200};

// The troubles of the target and of lost messages to it, with their counts.
std::vector<Json> troubles_of(const Json& status, const std::string& target) {
    std::vector<Json> found;
    for (const Json& trouble : status.value("troubles", Json::array())) {
        const std::string about = trouble.value("about", "");
        if (trouble.value("kind", "") == "outbox" && (about == target || about == target + ": lost"))
            found.push_back(trouble);
    }
    return found;
}

// The latest error of the test message to this target; "" before the first one. Absent if no test message waits.
std::optional<std::string> waiting_error(const Json& status, const std::string& target) {
    for (const Json& test : status["outbox"].value("tests", Json::array()))
        if (test.value("target", "") == target) return test.value("error", "");
    return {};
}

int tell_failure(const std::string& target, const std::string& what, const std::string& hint) {
    return report(
        Error{Error::Kind::network, fmt::format("the message to {} was not delivered{}", target, what), hint, {}});
}

int wait_for_end(const std::string& socket, const std::string& target, const std::vector<Json>& before) {
    std::string error;
    for (int look = 0; look < looks; ++look) {
        std::this_thread::sleep_for(between_looks);
        const auto status = ask_daemon(socket, "GET", "/v1/status");
        if (!status) return report(status.error());
        if (const auto waits = waiting_error(*status, target)) {
            error = *waits;
            continue;
        }
        for (const Json& trouble : troubles_of(*status, target))
            if (std::find(before.begin(), before.end(), trouble) == before.end())
                return tell_failure(target, ": " + trouble.value("text", ""), "");
        say("a message for {} was delivered\n", target);
        return 0;
    }
    return tell_failure(target, error.empty() ? " yet" : " yet: " + error,
                        "it is retried; `marketcron status` shows what prevents it");
}

}  // namespace

int cmd_notify_test(const Args& args) {
    const auto place = locate_daemon(args);
    if (!place) return report(place.error());
    const std::string target = notify::asked_target(args.words[0]);
    const auto before = ask_daemon(place->socket, "GET", "/v1/status");
    if (!before) return report(before.error());
    const bool asked = (*before)["outbox"].contains("tests");  // absent from daemons of earlier versions
    const int code = act_and_tell(place->socket, "/v1/notify-test", sent(Json{{"target", args.words[0]}}), asked);
    if (code != 0 || !asked) return code;
    return wait_for_end(place->socket, target, troubles_of(*before, target));
}

}  // namespace mc::app
