// cmd_status.cpp — marketcron status: shows what the daemon is doing, and the next fires.
#include <fmt/format.h>

#include <algorithm>

#include "base/spelling.h"
#include "cli/table.h"
#include "desk/client.h"
#include "desk/json.h"
#include "desk/narrator.h"
#include "desk/open.h"
#include "desk/say.h"
#include "reason/json.h"

namespace mc::app {

namespace {

constexpr std::size_t takers_named = 3;
constexpr std::size_t shown_at_most = 30;  // rows of a table; --json has all

std::string reason_of(const Json& run) { return run["reason"].is_null() ? "" : run["reason"].get<std::string>(); }

std::string time_of(const Json& text, const Zone& zone) {
    const auto at = parse_instant(text.get<std::string>());
    return at ? clock_text(*at, zone) : text.get<std::string>();
}

// The job's time zone; the host's if the job is no longer in the configuration.
const Zone& zone_of(const Json& job, const LoadedConfig& opened) {
    const Job* known = opened.plan->find_job(job.get<std::string>());
    return known == nullptr ? *opened.context.host_zone : *known->schedule.zone;
}

// ", by run 12 of load": the running runs that occupy the pool or the capacity, or the earlier run of the same job. It
// is not stored in the waiting rows, because the end of each run would then rewrite all of them.
std::string taken_by(const Json& run, const Json& running, const LoadedConfig& opened) {
    const std::string reason = reason_of(run);
    const Job* waiting = opened.plan->find_job(run["job"].get<std::string>());
    const BoxedOptional<ReasonData> facts = read_reason_json(run.contains("reason_data") ? run["reason_data"] : Json());
    const bool is_told = facts && (std::holds_alternative<BackfillWidth>(*facts) ||
                                   std::holds_alternative<EarlierClaim>(*facts));  // by its own sentence
    const bool is_shared = reason == "pool" || reason == "claim" || reason == "overlap";
    if (!waiting || is_told || !is_shared) return {};
    std::vector<std::string> takers;
    for (const Json& other : running) {
        const Job* job = opened.plan->find_job(other["job"].get<std::string>());
        if (!job) continue;
        bool takes = (waiting->memory && job->memory) || (waiting->cpus && job->cpus);
        if (reason == "pool") takes = !waiting->pool.empty() && job->pool == waiting->pool;
        if (reason == "overlap") takes = job == waiting;
        if (takes) takers.push_back(fmt::format("run {} of {}", other["run"].get<std::int64_t>(), job->shown()));
    }
    if (takers.empty()) return {};
    return fmt::format("{} {}", reason == "overlap" ? ":" : ", by", listed(takers, takers_named));
}

std::string why_of(const Json& run, const Json& running, const Zone& zone, const LoadedConfig& opened) {
    const std::string reason = reason_of(run), detail = run.value("detail", std::string());
    std::string why = detail.empty() ? reason : fmt::format("{}: {}", reason, detail);
    why += taken_by(run, running, opened);
    if (run["state"] == "retrying" && run.contains("not_before"))
        why += fmt::format("; next attempt {}", time_of(run["not_before"], zone));
    return why;
}

// "3961 of big and 2 of load more": the runs after the first `shown`.
std::string counted_by_job(const Json& runs, std::size_t shown) {
    std::map<std::string, int> counts;
    for (std::size_t i = shown; i < runs.size(); ++i) ++counts[runs[i]["job"].get<std::string>()];
    std::vector<std::string> parts;
    for (const auto& [job, count] : counts) parts.push_back(fmt::format("{} of {}", count, job));
    return parts.empty() ? "" : listed(parts, takers_named) + " more";
}

void print_runs(const char* title, const Json& runs, const Json& running, const LoadedConfig& opened) {
    if (runs.empty()) return;
    say("\n{}\n", title);
    Table table({"  RUN", "JOB", "DATE", "DUE", "STATE", "SINCE", "WHY"});
    for (std::size_t i = 0; i < std::min(runs.size(), shown_at_most); ++i) {
        const Json& run = runs[i];
        const Zone& zone = zone_of(run["job"], opened);
        table.add({fmt::format("  {}", run["run"].get<std::int64_t>()), run["job"].get<std::string>(),
                   run["logical_date"].get<std::string>(), time_of(run["fire"], zone), run["state"].get<std::string>(),
                   run["since"].is_null() ? "" : time_of(run["since"], zone), why_of(run, running, zone, opened)});
    }
    table.print();
    if (const std::string rest = counted_by_job(runs, shown_at_most); !rest.empty()) say("  and {}\n", rest);
}

void print_ices(const Json& ices, const LoadedConfig& opened) {
    if (ices.empty()) return;
    say("\nIced\n");
    Table table({"  JOB", "SINCE", "UNTIL", "BY"});
    for (const Json& ice : ices) {
        const Zone& zone = zone_of(ice["job"], opened);
        table.add({"  " + ice["job"].get<std::string>(), time_of(ice["since"], zone),
                   ice["until"].is_null() ? "its release" : time_of(ice["until"], zone), ice["by"].get<std::string>()});
    }
    table.print();
}

// Waiting runs of held jobs are shown as a number, because there can be thousands.
void print_holds(const Json& holds, const Json& waiting, const LoadedConfig& opened) {
    if (holds.empty()) return;
    say("\nHeld\n");
    std::map<std::string, int> gathered;
    for (const Json& run : waiting)
        if (reason_of(run) == "held") ++gathered[run["job"].get<std::string>()];
    Table table({"  JOB", "SINCE", "UNTIL", "BY", "RUNS"});
    for (const Json& hold : holds) {
        const auto job = hold["job"].get<std::string>();
        const Zone& zone = zone_of(hold["job"], opened);
        table.add({"  " + job, time_of(hold["since"], zone),
                   hold["until"].is_null() ? "its release" : time_of(hold["until"], zone),
                   hold["by"].get<std::string>(), fmt::format("{} waiting", gathered[job])});
    }
    table.print();
}

void print_fires(const Json& status, const LoadedConfig& opened) {
    const Json& fires = status["next"];
    if (fires.empty()) return;
    std::map<std::string, std::string> kept;  // jobs that are held or iced
    for (const Json& ice : status.value("iced", Json::array())) kept[ice["job"].get<std::string>()] = ", iced";
    for (const Json& hold : status.value("held", Json::array())) kept[hold["job"].get<std::string>()] = ", held";
    say("\nNext\n");
    Table table({"  JOB", "FIRE", "SESSION"});
    for (const Json& fire : fires) {
        const auto name = fire["job"].get<std::string>();
        table.add({"  " + name, time_of(fire["fire"], zone_of(fire["job"], opened)) + kept[name] + fails_text(fire),
                   fire["session"].is_null() ? "-" : fire["session"].get<std::string>()});
    }
    table.print();
}

}  // namespace

int cmd_status(const Args& args) {
    const auto opened = open_to_ask(args);
    if (!opened) return report(opened.error());
    const auto answer = ask_daemon(opened->socket, "GET", "/v1/status");
    if (!answer) return report(answer.error());
    if (args.json) {
        print_line(*answer);
        return 0;
    }
    const Json& s = *answer;
    const auto started = parse_instant(s["started"].get<std::string>());
    const std::string since =
        started ? clock_text(*started, *opened->context.host_zone) : s["started"].get<std::string>();
    say("marketcron {} (pid {}) runs {} from {}, since {}{}\n", s["version"].get<std::string>(), s["pid"].get<int>(),
        counted(s["jobs"].get<std::size_t>(), "job"), s["config"].get<std::string>(), since,
        s["draining"].get<bool>() ? "; draining" : "");
    const Json troubles = s.value("troubles", Json::array());
    for (const Json& trouble : troubles)
        say("TROUBLE: {} (since {})\n", trouble["text"].get<std::string>(),
            time_of(trouble["since"], *opened->context.host_zone));
    for (const Json& warning : s.value("warnings", Json::array())) say("{}\n", warning.get<std::string>());
    const Json& outbox = s["outbox"];
    if (const auto pending = outbox["pending"].get<std::size_t>(); pending > 0)
        say("{}{} not sent yet\n", outbox.value("pending_more", false) ? "more than " : "",
            counted(pending, "message"));
    if (const auto last = outbox["last_error"].get<std::string>();
        outbox.value("troubles", Json::array()).empty() && !last.empty())
        say("latest error: {}\n", last);
    if (const auto alerts = s.value("alerts", std::size_t{0}); alerts > 0)
        say("{} open: `marketcron alerts` lists {}\n", counted(alerts, "alert"), alerts == 1 ? "it" : "them");
    if (!s["markets"].empty()) say("\nMarkets\n");
    for (const Json& line : s["markets"]) say("  {}\n", line.get<std::string>());
    print_runs("Running", s["running"], s["running"], *opened);
    Json others = Json::array();
    for (const Json& run : s["waiting"])
        if (reason_of(run) != "held") others.push_back(run);
    print_runs("Waiting", others, s["running"], *opened);
    if (const auto more = s.value("more", std::size_t{0}); more > 0) say("  and {} more\n", more);
    print_holds(s.value("held", Json::array()), s["waiting"], *opened);
    print_ices(s.value("iced", Json::array()), *opened);
    print_fires(s, *opened);
    return 0;
}

}  // namespace mc::app
