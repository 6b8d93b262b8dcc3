// endpoint_status.cpp — GET /v1/status.
#include <unistd.h>

#include <algorithm>
#include <set>

#include "daemon/endpoint.h"
#include "desk/narrator.h"

namespace mc::app {

namespace {

constexpr std::size_t shown_fires = 10;
constexpr std::size_t rows_max = 10'000;

Json hold_json(const Hold& hold, const std::string& job) {
    return Json{{"job", job},
                {"since", to_string(hold.since)},
                {"until", hold.until ? Json(to_string(*hold.until)) : Json()},
                {"by", hold.by}};
}

Json trouble_json(const Trouble& trouble) {
    return Json{{"kind", to_text(trouble.kind)},
                {"about", trouble.about},
                {"text", trouble.text},
                {"since", to_string(trouble.since)},
                {"times", trouble.times}};
}

Json empty_outbox() {
    return Json{{"pending", 0},
                {"pending_more", false},
                {"last_error", ""},
                {"troubles", Json::array()},
                {"tests", Json::array()}};
}

Json outbox_json(const Outbox& outbox, const std::vector<Trouble>& troubles) {
    Json json = empty_outbox();
    for (const Trouble& trouble : troubles)
        if (trouble.kind == TroubleKind::outbox) json["troubles"].push_back(trouble.text);
    const auto pending = outbox.pending(rows_max + 1);
    if (!pending) return json;
    json["pending"] = std::min(pending->size(), rows_max);
    json["pending_more"] = pending->size() > rows_max;
    for (const OutboxRow& row : *pending)
        if (!row.last_error.empty()) json["last_error"] = row.last_error;
    // `marketcron notify test` waits until its message is no longer in this list.
    for (const OutboxRow& row : *pending)
        if (row.notice.job == "notify test")
            json["tests"].push_back({{"target", row.notice.target}, {"error", row.last_error}});
    return json;
}

// The daemon's own state is shown only to callers who see every job.
void add_daemon(Json& json, const Call& call) {
    const Shell& shell = call.daemon.shell;
    const bool sees_all = call.seen.is_all();
    const std::vector<Trouble> troubles = sees_all ? call.daemon.hooks.troubles() : std::vector<Trouble>{};
    json["trouble"] = !sees_all ? "" : shell.trouble().empty() ? shell.keeper_trouble() : shell.trouble();
    json["troubles"] = Json::array();
    for (const Trouble& trouble : troubles) json["troubles"].push_back(trouble_json(trouble));
    json["outbox"] = sees_all ? outbox_json(call.daemon.outbox, troubles) : empty_outbox();
    json["warnings"] = Json::array();
    for (const Warning& warning : shell.plan().warnings)
        if (sees_all) json["warnings"].push_back(warning.text());
    json["markets"] = sees_all ? Json(market_lines(shell.plan(), call.now)) : Json::array();
}

// The running and the waiting runs, and the number of runs that are left out.
void add_runs(Json& json, const Call& call) {
    const Shell& shell = call.daemon.shell;
    std::size_t more = 0;
    for (const auto& [id, run] : shell.engine().unfinished()) {
        if (!call.seen.sees(run)) continue;
        Json& list = json[run.state == State::running ? "running" : "waiting"];
        if (list.size() >= rows_max) {
            ++more;
            continue;
        }
        Json line = run_json(titled(run, shell.plan()));
        if (run.not_before && run.state != State::running) line["not_before"] = to_string(*run.not_before);
        const auto since = run.state == State::running && run.started ? run.started : run.since;
        line["since"] = since ? Json(to_string(*since)) : Json();
        list.push_back(std::move(line));
    }
    json["more"] = more;
}

void add_holds(Json& json, const Call& call) {
    const Shell& shell = call.daemon.shell;
    for (const JobRecord& record : shell.engine().held()) {
        if (!call.seen.sees_all_of(record.job)) continue;
        const std::string shown = shell.plan().title(record.job);
        if (record.held()) json["held"].push_back(hold_json(*record.hold, shown));
        if (record.iced()) json["iced"].push_back(hold_json(*record.ice, shown));
    }
}

// The next fire of each job that has a schedule: the earliest `shown_fires`. Error: of the ledger.
Result<Json> next_of_each_job(const Shell& shell, const std::vector<JobName>& jobs) {
    std::set<std::pair<Fire, JobName>> ahead;
    for (const JobName& name : jobs) {
        const auto fire = shell.engine().next_fire(name);
        if (!fire) return tl::unexpected(fire.error());
        if (*fire) ahead.emplace(**fire, name);
    }
    Json list = Json::array();
    for (const auto& [fire, name] : ahead) {
        if (list.size() == shown_fires) break;
        if (const Job* job = shell.plan().find_job(name)) list.push_back(coming_json(fire, *job, shell.plan()));
    }
    return list;
}

}  // namespace

ControlAnswer get_status(const Call& call) {
    const Shell& shell = call.daemon.shell;
    const std::vector<JobName> seen = call.seen.names();
    Json json;
    json["version"] = MARKETCRON_VERSION;
    json["pid"] = getpid();
    json["config"] = call.daemon.config;
    json["generation"] = shell.plan().generation;
    json["started"] = to_string(call.daemon.started);
    json["jobs"] = seen.size();
    add_daemon(json, call);
    for (const char* list : {"running", "waiting"}) json[list] = Json::array();
    json["draining"] = false;
    for (const char* list : {"held", "iced"}) json[list] = Json::array();
    json["alerts"] = 0;
    json["next"] = Json::array();
    const Engine* engine = shell.engine_or_null();
    if (!engine) return good(json);
    json["draining"] = engine->draining();
    add_runs(json, call);
    add_holds(json, call);
    const auto& alerts = engine->alerts();
    json["alerts"] = std::count_if(alerts.begin(), alerts.end(),
                                   [&](const auto& alert) { return call.seen.sees_all_of(alert.first); });
    const auto next = next_of_each_job(shell, seen);
    if (next) json["next"] = *next;
    else if (call.seen.is_all() && shell.trouble().empty()) json["trouble"] = next.error().sentence();
    return good(json);
}

}  // namespace mc::app
