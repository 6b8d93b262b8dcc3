// cmd_alerts.cpp — marketcron alerts: lists alerts, acknowledges or closes one.
#include <fmt/format.h>

#include "base/spelling.h"
#include "cli/run_asked.h"
#include "cli/table.h"
#include "desk/client.h"
#include "desk/ledger_view.h"
#include "desk/narrator.h"

namespace mc::app {

namespace {

std::string clock_of(const Json& instant, const Zone& zone) {
    const auto at = parse_instant(instant.get<std::string>());
    return at ? clock_text(*at, zone) : instant.get<std::string>();
}

// "acknowledged by root: we are on it", "closed: it has succeeded"
std::string standing(const Json& alert) {
    const auto text = [&](const char* key) { return alert.value(key, ""); };
    const auto by = [](const std::string& who) { return who.empty() ? "" : " by " + who; };
    if (!alert["closed"].is_null()) return fmt::format("closed{}: {}", by(text("closed_by")), text("close_reason"));
    if (!alert["acked"].is_null()) return fmt::format("acknowledged{}: {}", by(text("acked_by")), text("ack_reason"));
    return "open";
}

std::string kept_from_running(const Json& alert) {
    constexpr std::size_t most = 5;
    const auto names = alert.value("behind", std::vector<std::string>{});
    return names.empty() ? "-" : listed(names, most);
}

void print_table(const std::vector<Json>& alerts, const LoadedConfig& opened) {
    Table table({"ALERT", "JOB", "DATE", "WHAT", "SINCE", "RUNS", "BLOCKS", "STATUS"});
    for (const Json& alert : alerts) {
        const auto shown = alert["job"].get<std::string>();
        const Job* job = opened.plan->find_job(shown);
        const Zone& zone = job == nullptr ? *opened.context.host_zone : *job->schedule.zone;
        table.add({std::to_string(alert["alert"].get<RunId>()), shown, alert.value("logical_date", "-"),
                   alert.value("kind", ""), clock_of(alert["opened"], zone), std::to_string(alert.value("runs", 1)),
                   kept_from_running(alert), standing(alert)});
    }
    table.print();
}

int list(const Args& args) {
    const auto opened = open_to_ask(args);
    if (!opened) return report(opened.error());
    const auto alerts = ledger_view(*opened)->alerts(args.has("--all") ? AlertsAsked::all : AlertsAsked::open);
    if (!alerts) return report(alerts.error());
    if (args.json)
        for (const Json& alert : *alerts) print_line(alert);
    else if (!alerts->empty()) print_table(*alerts, *opened);
    return 0;
}

Error usage(std::string what, std::string hint) { return {Error::Kind::usage, std::move(what), std::move(hint), {}}; }

}  // namespace

int cmd_alerts(const Args& args) {
    if (args.words.empty()) {
        if (args.has("--reason"))
            return report(
                usage("--reason is only for ack and close", "write `marketcron alerts ack 17 --reason TEXT`"));
        return list(args);
    }
    const std::string& verb = args.words[0];
    if (verb != "ack" && verb != "close")
        return report(
            usage(fmt::format("unknown action `{}`", verb), "write ack or close, or no action to list the alerts"));
    if (args.words.size() == 1)
        return report(usage("the number of the alert is missing",
                            fmt::format("write `marketcron alerts {} 17 --reason TEXT`", verb)));
    if (args.json) return report(usage("--json is only for the list of alerts", "leave it out"));
    const auto number = alert_asked(args, args.words[1]);
    if (!number) return report(number.error());
    if (is_blank(args.get("--reason")))
        return report(
            usage("--reason is missing", "write what is known, for the ledger: --reason 'the vendor is on it'"));
    const Json body{{"alert", *number}, {"do", verb}, {"reason", args.get("--reason")}};
    return act_and_tell(args, "/v1/alert", sent(body));
}

}  // namespace mc::app
