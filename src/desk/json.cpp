#include "desk/json.h"

#include <algorithm>
#include <cstdio>

#include "engine/early_end.h"
#include "engine/past.h"
#include "explain/consequence.h"
#include "reason/json.h"

namespace mc::app {

namespace {

template <class T>
Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}
template <class Time>
Json text_or_null(const std::optional<Time>& time) {
    return time ? Json(to_string(*time)) : Json(nullptr);
}

}  // namespace

Json run_json(const Run& run) {
    Json json;
    json["run"] = run.id;
    json["job"] = run.job;
    json["fire"] = to_string(run.fire);
    json["logical_date"] = to_string(run.logical_date);
    json["session"] = text_or_null(run.session);
    json["origin"] = to_text(run.origin);
    json["state"] = to_text(run.state);
    json["reason"] = run.reason == Reason::none ? Json(nullptr) : Json(to_text(run.reason));
    json["attempt"] = run.attempt;
    json["started"] = text_or_null(run.started);
    json["finished"] = text_or_null(run.finished);
    json["exit_code"] = or_null(run.exit_code);
    json["signal"] = or_null(run.signal);
    json["max_rss_bytes"] = or_null(run.max_rss_bytes);
    json["cpu_seconds"] = or_null(run.cpu_seconds);
    json["fires"] = run.fires;
    json["last_fire"] = text_or_null(run.last_fire);
    json["detail"] = run.detail;
    json["reason_data"] = reason_json(run.reason_data);
    return json;
}

namespace {

template <class T>
void take(const Json& json, const char* key, std::optional<T>& value) {
    if (!json.at(key).is_null()) value = json.at(key).get<T>();
}
void take(const Json& json, const char* key, std::optional<Instant>& value) {
    if (!json.at(key).is_null()) value = parse_instant(json.at(key).get<std::string>()).value();
}

template <class T>
Result<T> understood(T (*read)(const Json&), const Json& json) {
    try {
        return read(json);
    } catch (const std::exception&) {
        return fail(Error::Kind::network, "this version does not understand the daemon's answer",
                    "use the version that the daemon runs (marketcron status)");
    }
}

// A daemon of an older version sends none.
BoxedOptional<ReasonData> read_facts(const Json& json) {
    const Json* facts = json.find("reason_data");
    return facts ? read_reason_json(*facts) : BoxedOptional<ReasonData>();
}

Run run_of_json(const Json& json) {
    Run run;
    run.id = json.at("run").get<RunId>();
    run.job = JobName(json.at("job").get<std::string>());
    run.fire = parse_instant(json.at("fire").get<std::string>()).value();
    run.logical_date = parse_date(json.at("logical_date").get<std::string>()).value();
    if (!json.at("session").is_null()) run.session = parse_date(json.at("session").get<std::string>()).value();
    run.origin = parse_origin(json.at("origin").get<std::string>()).value();
    run.state = parse_state(json.at("state").get<std::string>()).value();
    if (!json.at("reason").is_null()) run.reason = parse_reason(json.at("reason").get<std::string>()).value();
    run.attempt = json.at("attempt").get<int>();
    take(json, "started", run.started);
    take(json, "finished", run.finished);
    take(json, "exit_code", run.exit_code);
    take(json, "signal", run.signal);
    take(json, "max_rss_bytes", run.max_rss_bytes);
    take(json, "cpu_seconds", run.cpu_seconds);
    run.fires = json.at("fires").get<int>();
    take(json, "last_fire", run.last_fire);
    run.detail = json.at("detail").get<std::string>();
    run.reason_data = read_facts(json);
    return run;
}

WhyLine why_of_json(const Json& json) {
    WhyLine line;
    line.job = json.at("job").get<std::string>();
    line.date = parse_date(json.at("date").get<std::string>()).value();
    take(json, "fire", line.fire);
    take(json, "run", line.run);
    line.state = json.at("state").get<std::string>();
    for (const Json& reason : json.at("reasons"))
        line.reasons.push_back({reason.at("check").get<std::string>(), reason.at("holds").get<bool>(),
                                reason.at("text").get<std::string>(), read_facts(reason)});
    return line;
}

}  // namespace

Result<Run> read_run_json(const Json& json) { return understood(run_of_json, json); }
Result<WhyLine> read_why_json(const Json& json) { return understood(why_of_json, json); }

namespace {

// The directly or indirectly downstream jobs that ended as upstream_failed for the run's date.
Json kept_by(const Run& run, Past& past, const Plan& plan) {
    Json kept = Json::array();
    const auto job = plan.jobs.find(run.job);
    if (job == plan.jobs.end()) return kept;
    for (const std::string& name : jobs_behind(plan, job->second)) {
        const Job* behind = plan.find_job(name);
        const auto rows = behind ? past.by_date(behind->name, run.logical_date) : std::vector<Run>{};
        const auto fell = [](const Run& row) { return row.state == State::upstream_failed; };
        if (std::any_of(rows.begin(), rows.end(), fell)) kept.push_back(name);
    }
    return kept;
}

Json alert_json(const Alert& alert, Past& past, const Plan& plan) {
    const auto run = past.by_id(alert.run);
    Json json;
    json["alert"] = alert.run;
    json["job"] = run ? titled(*run, plan).job : plan.title(alert.job);
    json["logical_date"] = run ? Json(to_string(run->logical_date)) : Json();
    json["kind"] = to_text(alert.kind);
    json["state"] = run ? Json(to_text(run->state)) : Json();
    json["runs"] = alert.runs;
    json["opened"] = to_string(alert.opened);
    json["told"] = to_string(alert.told);
    json["acked"] = text_or_null(alert.acked);
    json["acked_by"] = alert.acked_by;
    json["ack_reason"] = alert.ack_reason;
    json["behind"] = run && !alert.closed ? kept_by(*run, past, plan) : Json::array();
    json["closed"] = text_or_null(alert.closed);
    json["closed_by"] = alert.closed_by;
    json["close_reason"] = alert.close_reason;
    return json;
}

}  // namespace

Result<std::vector<Json>> alerts_json(const RunStore& store, const Plan& plan, AlertsAsked asked) {
    const auto alerts = store.alerts(asked);
    if (!alerts) return tl::unexpected(alerts.error());
    return asking(store, [&](Past& past) {
        std::vector<Json> list;
        for (const Alert& alert : *alerts) list.push_back(alert_json(alert, past, plan));
        return list;
    });
}

Run titled(Run run, const Plan& plan) {
    const bool has_left = !run.title.empty() && !plan.jobs.contains(run.job);
    run.job = JobName(has_left ? run.title : plan.title(run.job));
    return run;
}

Json fire_json(const Fire& fire, const JobSchedule& schedule, const std::string& job) {
    Json json;
    json["job"] = job.empty() ? Json(nullptr) : Json(job);
    json["fire"] = to_string(fire.due);
    json["local"] = local_text(fire.due, *schedule.zone);
    json["session"] = text_or_null(fire.session);
    const CalendarName calendar = session_calendar(schedule, fire.key);
    json["calendar"] = calendar.empty() ? Json(nullptr) : Json(calendar);
    return json;
}

Json coming_json(const Fire& fire, const Job& job, const Plan& plan) {
    Json json = fire_json(fire, job.schedule, job.shown());
    if (const auto end = early_end(job, fire, *plan.calendars)) json["fails"] = to_text(end->reason);
    return json;
}

std::string fails_text(const Json& coming) {
    return coming.contains("fails") ? ", fails: " + coming["fails"].get<std::string>() : "";
}

Json session_json(const Session& session) {
    Json breaks = Json::array();
    for (const Span& span : session.breaks) breaks.push_back(Json::array({to_string(span.from), to_string(span.to)}));
    return Json{{"open", to_string(session.open)}, {"close", to_string(session.close)}, {"breaks", breaks}};
}

Json why_json(const WhyLine& line) {
    Json json;
    json["job"] = line.job;
    json["date"] = to_string(line.date);
    json["fire"] = text_or_null(line.fire);
    json["run"] = or_null(line.run);
    json["state"] = line.state;
    json["reasons"] = Json::array();
    for (const WhyReason& reason : line.reasons)
        json["reasons"].push_back(Json{{"check", reason.check},
                                       {"holds", reason.holds},
                                       {"text", reason.text},
                                       {"reason_data", reason_json(reason.data)}});
    return json;
}

Json backfill_json(const BackfillItem& item, const Job& job) {
    Run run;
    if (item.before) run = *item.before;
    run.job = JobName(job.shown());
    run.fire = item.fire.due;
    run.logical_date = item.fire.logical_date;
    run.session = item.fire.session;
    Json json = run_json(run);
    if (!item.before) json["run"] = nullptr;
    json["origin"] = "backfill";
    if (!item.before) json["state"] = "none";
    json["chosen"] = item.chosen;
    json["outdated"] = item.skipped == Reason::latest_only;
    json["skipped"] = item.skipped == Reason::none ? Json(nullptr) : Json(to_text(item.skipped));
    json["why"] = item.why;
    json["local"] = local_text(item.fire.due, *job.schedule.zone);
    return json;
}

Json change_json(const FireChange& change) {
    const Fire& fire = change.shown();
    const Job& job = change.fire ? *change.after : *change.before;
    const bool moved = change.change == Change::moved;
    Json json;
    json["run"] = nullptr;
    json["job"] = job.shown();
    json["fire"] = to_string(fire.due);
    json["logical_date"] = to_string(fire.logical_date);
    json["session"] = text_or_null(fire.session);
    json["change"] = to_text(change.change);
    json["old_fire"] = moved ? Json(to_string(change.old_fire->due)) : Json(nullptr);
    json["old_logical_date"] = moved ? Json(to_string(change.old_fire->logical_date)) : Json(nullptr);
    json["local"] = local_text(fire.due, *job.schedule.zone);
    return json;
}

void print_line(const Json& json) {
    // Outputs and names of jobs may not be UTF-8; dump() replaces invalid bytes.
    const std::string text = json.dump();
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fputc('\n', stdout);
}

}  // namespace mc::app
