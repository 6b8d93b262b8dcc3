// endpoint_alerts.cpp — GET /v1/alerts, and POST /v1/alert.

#include "daemon/endpoint.h"

namespace mc::app {

ControlAnswer get_alerts(const Call& call) {
    const Shell& shell = call.daemon.shell;
    const auto found =
        alerts_json(shell.store(), shell.plan(), call.given.flag("all") ? AlertsAsked::all : AlertsAsked::open);
    if (!found) return error(found.error());
    Json list = Json::array();
    for (const Json& alert : *found) {
        const auto run = shell.store().by_id(alert["alert"].get<RunId>());
        if (!run) return error(run.error());
        if (*run && call.seen.sees(**run)) list.push_back(alert);
    }
    return good(Json{{"alerts", list}});
}

ControlAnswer post_alert(const Call& call) {
    const std::string verb = call.given.text("do"), reason = call.given.text("reason");
    if (verb != "ack" && verb != "close") return error(400, "`do` must be ack or close", R"(send "do": "ack")");
    if (reason.empty()) return error(400, "`reason` is missing", "write what is known about the failure");
    const RunId alert = call.given.number("alert").value_or(0);
    const Reply reply = call.daemon.shell.step(AlertAsked{alert, verb == "close", reason, call.by});
    if (reply.ok) call.daemon.hooks.say(reply.text);
    return action(reply);
}

}  // namespace mc::app
