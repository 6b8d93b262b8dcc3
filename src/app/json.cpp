#include "app/json.h"

#include <cstdio>
#include <nlohmann/json.hpp>

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
    return json;
}

Run titled(Run run, const Plan& plan) {
    run.job = plan.title(run.job);
    return run;
}

Json fire_json(const Fire& fire, const JobSchedule& schedule, const std::string& job) {
    Json json;
    json["job"] = job.empty() ? Json(nullptr) : Json(job);
    json["fire"] = to_string(fire.due);
    json["local"] = local_text(fire.due, *schedule.zone);
    json["session"] = text_or_null(fire.session);
    json["calendar"] = schedule.calendar.empty() ? Json(nullptr) : Json(schedule.calendar);
    return json;
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
        json["reasons"].push_back(Json{{"check", reason.check}, {"holds", reason.holds}, {"text", reason.text}});
    return json;
}

void print_line(const Json& json) {
    // What a job printed or was named may be no UTF-8: replaced, never thrown over.
    const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fputc('\n', stdout);
}

}  // namespace mc::app
