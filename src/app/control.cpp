#include "app/control.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

#include "app/json.h"
#include "app/narrator.h"
#include "base/suggest.h"

namespace mc::app {

namespace {

constexpr std::size_t shown_fires = 10;
constexpr std::size_t runs_max = 10'000;
constexpr Seconds look_ahead{40LL * 366 * 86400};

ControlAnswer error(int status, const std::string& what, const std::string& hint = {}) {
    return {status, Json{{"error", what}, {"hint", hint}}.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

ControlAnswer good(const Json& json) { return {200, json.dump(-1, ' ', false, Json::error_handler_t::replace)}; }

ControlAnswer action(const Reply& reply) {
    const int code = reply.ok ? 0 : exit_code(reply.kind);
    ControlAnswer answer =
        good(Json{{"ok", reply.ok}, {"text", reply.text}, {"runs", reply.runs}, {"exit_code", code}});
    if (!reply.ok) answer.status = code == 2 ? 400 : reply.kind == Error::Kind::store ? 503 : 409;
    return answer;
}

std::optional<std::string> query(const ControlRequest& request, const std::string& name) {
    const auto it = request.query.find(name);
    return it == request.query.end() || it->second.empty() ? std::nullopt : std::optional(it->second);
}

// The query's `n`, at most runs_max. Error: usage, when it is no number.
Result<std::size_t> count(const ControlRequest& request, std::size_t otherwise) {
    const auto text = query(request, "n");
    if (!text) return otherwise;
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc{} || end != text->data() + text->size())
        return fail(Error::Kind::usage, fmt::format("n: `{}` is no whole number", *text), "write n=10");
    return std::min<std::size_t>(number, runs_max);
}

std::string who(std::uint32_t uid) { return uid == 0 ? "root" : fmt::format("uid {}", uid); }

using Ahead = std::set<std::pair<Fire, std::string>>;  // with the job's name

// The next fire of each job, or of one.
Ahead planned(const Shell& shell, const std::string& only = {}) {
    Ahead ahead;
    for (const auto& [name, job] : shell.plan().jobs)
        if (only.empty() || only == name)
            if (const auto fire = shell.engine().next_fire(name)) ahead.emplace(*fire, name);
    return ahead;
}

Json next_of_each_job(const Shell& shell) {
    Json list = Json::array();
    for (const auto& [fire, name] : planned(shell)) {
        if (list.size() == shown_fires) break;
        list.push_back(fire_json(fire, shell.plan().jobs.at(name).schedule, shell.plan().title(name)));
    }
    return list;
}

// So many fires in all, earliest first: each job's next one, and what follows it.
Json coming(const Shell& shell, const std::string& only, std::size_t most) {
    const Plan& plan = shell.plan();
    Ahead ahead = planned(shell, only);
    Json list = Json::array();
    while (list.size() < most && !ahead.empty()) {
        const auto [fire, name] = *ahead.begin();
        ahead.erase(ahead.begin());
        const JobSchedule& schedule = plan.jobs.at(name).schedule;
        list.push_back(fire_json(fire, schedule, plan.title(name)));
        const auto more = next_fires(schedule, *plan.calendars, fire.due, fire.due + look_ahead);
        if (!more) continue;
        for (const Fire& next : *more)
            if (!next.calendar_ended) ahead.emplace(next, name);
    }
    return list;
}

}  // namespace

Control::Control(Shell& shell, ControlHooks hooks, std::string config, std::uint32_t own_uid, Instant started)
    : shell_(shell), hooks_(std::move(hooks)), config_(std::move(config)), own_uid_(own_uid), started_(started) {}

ControlAnswer Control::answer(const ControlRequest& request, Instant now) {
    if (request.uid != 0 && request.uid != own_uid_)
        return error(403, fmt::format("uid {} may not ask this daemon", request.uid),
                     "ask as root or as the daemon's user");
    static const std::map<std::string, std::string> methods{
        {"/v1/status", "GET"}, {"/v1/runs", "GET"},        {"/v1/next", "GET"},      {"/v1/why", "GET"},
        {"/v1/start", "POST"}, {"/v1/stop", "POST"},       {"/v1/backfill", "POST"}, {"/v1/reload", "POST"},
        {"/v1/drain", "POST"}, {"/v1/notify-test", "POST"}};
    const auto known = methods.find(request.path);
    if (known == methods.end())
        return error(404, fmt::format("there is no {}", request.path), "docs/control-api.md lists the paths");
    if (known->second != request.method) return error(405, fmt::format("{} wants {}", request.path, known->second));
    // What acts tries the ledger again; what only reads waits for that.
    if (!shell_.engine_or_null() && request.method == "GET" && request.path != "/v1/status")
        return error(503, "the ledger cannot be written: " + shell_.trouble());
    if (request.path == "/v1/status") return status(now);
    if (request.path == "/v1/runs") return runs(request);
    if (request.path == "/v1/next") return next(request, now);
    if (request.path == "/v1/why") return why_answer(request, now);
    return act(request);
}

ControlAnswer Control::status(Instant now) const {
    Json json;
    json["version"] = MARKETCRON_VERSION;
    json["pid"] = getpid();
    json["config"] = config_;
    json["generation"] = shell_.plan().generation;
    json["started"] = to_string(started_);
    json["jobs"] = shell_.plan().jobs.size();
    json["trouble"] = shell_.trouble().empty() ? shell_.keeper_trouble() : shell_.trouble();
    const auto pending = shell_.store().pending(runs_max);
    Json outbox{{"pending", pending ? pending->size() : 0}, {"last_error", ""}};
    if (pending)
        for (const OutboxRow& row : *pending)
            if (!row.last_error.empty()) outbox["last_error"] = row.last_error;
    json["outbox"] = outbox;
    json["warnings"] = Json::array();
    for (const Warning& warning : shell_.plan().warnings) json["warnings"].push_back(warning.text());
    json["markets"] = market_lines(shell_.plan(), now);
    json["running"] = Json::array();
    json["waiting"] = Json::array();
    json["draining"] = false;
    json["next"] = Json::array();
    if (!shell_.engine_or_null()) return good(json);
    json["draining"] = shell_.engine().draining();
    std::size_t more = 0;
    for (const auto& [id, run] : shell_.engine().unfinished()) {
        Json& list = json[run.state == State::running ? "running" : "waiting"];
        if (list.size() < runs_max) list.push_back(run_json(titled(run, shell_.plan())));
        else ++more;
    }
    json["more"] = more;
    json["next"] = next_of_each_job(shell_);
    return good(json);
}

ControlAnswer Control::runs(const ControlRequest& request) const {
    RunFilter filter;
    const auto limit = count(request, 100);
    if (!limit) return error(400, limit.error().what, limit.error().hint);
    filter.limit = *limit;
    if (const auto job = query(request, "job")) filter.jobs = {name_of(*job)};
    for (const char* name : {"from", "to"})
        if (const auto text = query(request, name)) {
            const auto date = parse_date(*text);
            if (!date) return error(400, date.error().what, date.error().hint);
            (std::string_view(name) == "from" ? filter.from : filter.to) = *date;
        }
    if (const auto text = query(request, "state")) {
        filter.state = parse_state(*text);
        if (!filter.state) return error(400, fmt::format("unknown state {}", *text));
    }
    const auto found = shell_.store().runs(filter);
    if (!found) return error(503, found.error().what, found.error().hint);
    Json list = Json::array();
    for (const Run& run : *found) list.push_back(run_json(titled(run, shell_.plan())));
    return good(Json{{"runs", list}});
}

ControlAnswer Control::next(const ControlRequest& request, Instant) const {
    const std::string job = name_of(query(request, "job").value_or(""));
    if (!job.empty() && !shell_.plan().jobs.count(job)) return error(400, fmt::format("unknown job {}", job));
    const auto n = count(request, shown_fires);
    if (!n) return error(400, n.error().what, n.error().hint);
    return good(Json{{"fires", coming(shell_, job, *n)}});
}

ControlAnswer Control::why_answer(const ControlRequest& request, Instant now) const {
    const std::string job = name_of(query(request, "job").value_or(""));
    const auto found = shell_.plan().jobs.find(job);
    if (found == shell_.plan().jobs.end()) return error(400, fmt::format("unknown job `{}`", job));
    Date date = date_of(found->second.schedule.zone->to_wall(now));
    if (const auto text = query(request, "date")) {
        const auto parsed = parse_date(*text);
        if (!parsed) return error(400, parsed.error().what, parsed.error().hint);
        date = *parsed;
    }
    const auto lines = why(shell_.plan(), job, date, &shell_.store(), now);
    if (!lines) return error(400, lines.error().what, lines.error().hint);
    Json list = Json::array();
    for (const WhyLine& line : *lines) list.push_back(why_json(line));
    return good(Json{{"lines", list}});
}

std::string Control::name_of(const std::string& shown) const {
    const Job* job = shell_.plan().find_job(shown);
    return job ? job->name : shown;
}

ControlAnswer Control::act(const ControlRequest& request) {
    const Json body = request.body.empty() ? Json::object() : Json::parse(request.body, nullptr, false);
    if (!body.is_object()) return error(400, "the body is no JSON object", R"(send {"job": "NAME"})");
    const auto text = [&](const char* key) {
        return body.contains(key) && body[key].is_string() ? body[key].get<std::string>() : std::string();
    };
    const auto date = [&](const char* key) -> Result<std::optional<Date>> {
        if (text(key).empty()) return std::optional<Date>{};
        auto parsed = parse_date(text(key));
        if (!parsed) return tl::unexpected(parsed.error());
        return std::optional(*parsed);
    };
    if (request.path == "/v1/reload") return action(hooks_.reload());
    if (request.path == "/v1/drain") return action(shell_.step(DrainAsked{}));
    if (request.path == "/v1/notify-test") return action(hooks_.notify_test(text("target")));
    if (request.path == "/v1/stop") {
        if (!body.contains("run") || !body["run"].is_number_integer())
            return error(400, "`run` is missing", R"(send {"run": 17})");
        return action(shell_.step(StopAsked{body["run"].get<RunId>(), who(request.uid)}));
    }
    if (request.path == "/v1/start") {
        const auto session = date("session");
        if (!session) return error(400, session.error().what, session.error().hint);
        const bool force = body.contains("force") && body["force"].is_boolean() && body["force"].get<bool>();
        return action(shell_.step(StartAsked{name_of(text("job")), *session, force, who(request.uid)}));
    }
    BackfillAsked asked;
    if (!body.contains("jobs") || !body["jobs"].is_array())
        return error(400, "`jobs` is missing", R"(send {"jobs": ["NAME"], ...})");
    for (const Json& job : body["jobs"])
        if (job.is_string()) asked.jobs.push_back(name_of(job.get<std::string>()));
    const auto from = date("from"), to = date("to");
    if (!from || !*from || !to || !*to) return error(400, "`from` and `to` are dates", R"(send "from": "2026-11-02")");
    asked.from = **from;
    asked.to = **to;
    if (text("rerun") == "failed") asked.rerun = BackfillAsked::Rerun::failed;
    else if (text("rerun") == "all") asked.rerun = BackfillAsked::Rerun::all;
    else if (!text("rerun").empty()) return error(400, fmt::format("`rerun` is failed or all, not {}", text("rerun")));
    if (body.contains("parallel") && body["parallel"].is_number_integer())
        asked.parallel = static_cast<int>(std::clamp<std::int64_t>(body["parallel"].get<std::int64_t>(), 1, 1000));
    asked.by = who(request.uid);
    return action(shell_.step(asked));
}

}  // namespace mc::app
