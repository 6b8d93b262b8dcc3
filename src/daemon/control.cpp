#include "daemon/control.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "base/suggest.h"
#include "daemon/control_body.h"
#include "daemon/control_parts.h"
#include "daemon/output_view.h"
#include "desk/json.h"
#include "desk/narrator.h"
#include "desk/open.h"
#include "desk/unread_record.h"
#include "engine/forecast.h"
#include "os/clock.h"

namespace mc::app {

namespace {

constexpr std::size_t shown_fires = 10;
constexpr std::size_t runs_max = 10'000;
constexpr std::size_t why_lines_max = 2'000;  // a job of every minute has 1500 fires on its longest day
constexpr std::size_t log_bytes_max = 1 << 20;
constexpr Seconds look_ahead{40LL * 366 * 86400};

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

using Ahead = std::set<std::pair<Fire, std::string>>;  // with the job's name

// What has a calendar that ends has no more fires.
Result<void> add_next(Ahead& ahead, const Job& job, const Shell& shell, Instant after) {
    const auto fires = next_to_come(job, shell.plan(), shell.store(), after, look_ahead);
    if (!fires && is_of_ledger(fires.error().kind)) return tl::unexpected(fires.error());
    if (!fires) return {};
    for (const Fire& fire : *fires)
        if (!fire.calendar_ended) ahead.emplace(fire, job.name);
    return {};
}

// The next fire of each of the jobs that have a schedule.
Result<Ahead> planned(const Shell& shell, const std::vector<std::string>& jobs) {
    Ahead ahead;
    for (const std::string& name : jobs) {
        const auto fire = shell.engine().next_fire(name);
        if (!fire) return tl::unexpected(fire.error());
        if (*fire) ahead.emplace(**fire, name);
    }
    return ahead;
}

Result<Json> next_of_each_job(const Shell& shell, const std::vector<std::string>& jobs) {
    const auto ahead = planned(shell, jobs);
    if (!ahead) return tl::unexpected(ahead.error());
    Json list = Json::array();
    for (const auto& [fire, name] : *ahead) {
        if (list.size() == shown_fires) break;
        if (const Job* job = shell.plan().find_job(name)) list.push_back(coming_json(fire, *job, shell.plan()));
    }
    return list;
}

// So many fires in all, earliest first: each job's next one, and what follows it.
Result<Json> coming(const Shell& shell, const std::vector<std::string>& jobs, std::size_t most, Instant now) {
    const Plan& plan = shell.plan();
    auto first = planned(shell, jobs);
    if (!first) return tl::unexpected(first.error());
    Ahead& ahead = *first;
    for (const std::string& name : jobs)
        if (const Job* job = plan.find_job(name); job && !job->has_schedule())
            if (auto done = add_next(ahead, *job, shell, now); !done) return tl::unexpected(done.error());
    Json list = Json::array();
    while (list.size() < most && !ahead.empty()) {
        const auto [fire, name] = *ahead.begin();
        ahead.erase(ahead.begin());
        const Job* job = plan.find_job(name);
        if (!job) continue;
        list.push_back(coming_json(fire, *job, plan));
        if (auto done = add_next(ahead, *job, shell, fire.due); !done) return tl::unexpected(done.error());
    }
    return list;
}

}  // namespace

Control::Control(Shell& shell, const Outbox& outbox, AttemptOutputs& outputs, ControlHooks hooks, std::string config,
                 Instant started)
    : shell_(shell),
      outbox_(outbox),
      outputs_(outputs),
      hooks_(std::move(hooks)),
      config_(std::move(config)),
      started_(started) {}

ControlAnswer Control::answer(const ControlRequest& request, Instant now) {
    if (request.access.role != Access::Role::own) return answer_at_once(request, now);
    const auto begun = os::monotonic_now().time_since_epoch();
    if (const auto wait = budget_.refuse(request.uid, begun))
        return error(429, fmt::format("the questions of uid {} have taken too much of the daemon's time", request.uid),
                     fmt::format("ask again in {}", duration_text(*wait)));
    ControlAnswer answer = answer_at_once(request, now);
    const auto ended = os::monotonic_now().time_since_epoch();
    budget_.spent(request.uid, ended - begun, ended);
    return answer;
}

ControlAnswer Control::answer_at_once(const ControlRequest& request, Instant now) {
    if (!request.bad_query.empty()) return error(400, request.bad_query, "send each NAME=VALUE once");
    // A market's hours are nobody's secret, and who does not know of a change acts wrongly.
    if (request.path == "/v1/calendar-overrides" && request.method == "GET" && request.query.empty())
        return calendar_overrides();
    if (request.access.role == Access::Role::own && names_seen(request.access).empty())
        return error(403,
                     fmt::format("uid {} may not ask this daemon: none of its jobs runs as that user", request.uid),
                     "ask as root, as the daemon's user or in the group marketcron");
    static const std::map<std::string, std::string> methods{
        {"/v1/status", "GET"},   {"/v1/runs", "GET"},         {"/v1/next", "GET"},
        {"/v1/why", "GET"},      {"/v1/logs", "GET"},         {"/v1/start", "POST"},
        {"/v1/stop", "POST"},    {"/v1/backfill", "POST"},    {"/v1/hold", "POST"},
        {"/v1/release", "POST"}, {"/v1/ice", "POST"},         {"/v1/rerun", "POST"},
        {"/v1/mark", "POST"},    {"/v1/clear", "POST"},       {"/v1/reload", "POST"},
        {"/v1/drain", "POST"},   {"/v1/notify-test", "POST"}, {"/v1/calendar-override", "POST"},
        {"/v1/alerts", "GET"},   {"/v1/alert", "POST"},       {"/v1/calendar-overrides", "GET"}};
    const auto known = methods.find(request.path);
    if (known == methods.end())
        return error(404, fmt::format("there is no {}", request.path), "docs/control-api.md lists the paths");
    if (known->second != request.method) return error(405, fmt::format("{} wants {}", request.path, known->second));
    if (!request.access.may(request.path))
        return error(403, fmt::format("uid {} may not ask for {}", request.uid, request.path), "ask as root");
    if (const auto asked = check_control_query(request.path, request.query); !asked)
        return error(400, asked.error().what, asked.error().hint);
    // What acts tries the ledger again; what only reads waits for that.
    if (!shell_.engine_or_null() && request.method == "GET" && request.path != "/v1/status")
        return error(503, shell_.refusal());
    if (request.path == "/v1/status") return status(request, now);
    if (request.path == "/v1/runs") return runs(request);
    if (request.path == "/v1/alerts") return alerts(request);
    if (request.path == "/v1/next") return next(request, now);
    if (request.path == "/v1/why") return why_answer(request, now);
    if (request.path == "/v1/logs") return logs(request);
    return act(request, now);
}

namespace {

Json empty_outbox() {
    return {{"pending", 0}, {"last_error", ""}, {"troubles", Json::array()}, {"tests", Json::array()}};
}

}  // namespace

ControlAnswer Control::status(const ControlRequest& request, Instant now) const {
    const std::vector<std::string> seen = names_seen(request.access);
    const bool sees_all = request.access.role != Access::Role::own;
    Json json;
    json["version"] = MARKETCRON_VERSION;
    json["pid"] = getpid();
    json["config"] = config_;
    json["generation"] = shell_.plan().generation;
    json["started"] = to_string(started_);
    json["jobs"] = seen.size();
    const std::vector<Trouble> troubles = sees_all ? hooks_.troubles() : std::vector<Trouble>{};
    json["trouble"] = !sees_all ? "" : shell_.trouble().empty() ? shell_.keeper_trouble() : shell_.trouble();
    json["troubles"] = Json::array();
    for (const Trouble& trouble : troubles) json["troubles"].push_back(trouble_json(trouble));
    json["outbox"] = sees_all ? outbox(troubles) : empty_outbox();
    json["warnings"] = Json::array();
    for (const Warning& warning : shell_.plan().warnings)
        if (sees_all) json["warnings"].push_back(warning.text());
    json["markets"] = sees_all ? Json(market_lines(shell_.plan(), now)) : Json::array();
    json["running"] = Json::array();
    json["waiting"] = Json::array();
    json["draining"] = false;
    json["held"] = Json::array();
    json["iced"] = Json::array();
    json["alerts"] = 0;
    json["next"] = Json::array();
    if (!shell_.engine_or_null()) return good(json);
    json["draining"] = shell_.engine().draining();
    std::size_t more = 0;
    for (const auto& [id, run] : shell_.engine().unfinished()) {
        if (!sees(request.access, run)) continue;
        Json& list = json[run.state == State::running ? "running" : "waiting"];
        if (list.size() >= runs_max) {
            ++more;
            continue;
        }
        Json line = run_json(titled(run, shell_.plan()));
        if (run.not_before && run.state != State::running) line["not_before"] = to_string(*run.not_before);
        line["since"] = run.since ? Json(to_string(*run.since)) : Json();
        list.push_back(std::move(line));
    }
    json["more"] = more;
    for (const JobRecord& record : shell_.engine().held()) {
        const Job* job = shell_.plan().find_job(record.job);
        if (!(job ? request.access.sees(*job) : sees_all)) continue;
        const std::string shown = job ? job->shown() : record.job;
        if (record.held()) json["held"].push_back(hold_json(*record.hold, shown));
        if (record.iced()) json["iced"].push_back(hold_json(*record.ice, shown));
    }
    for (const auto& [name, alert] : shell_.engine().alerts())
        if (const Job* job = shell_.plan().find_job(name); job ? request.access.sees(*job) : sees_all)
            json["alerts"] = json["alerts"].get<int>() + 1;
    const auto next = next_of_each_job(shell_, seen);
    if (next) json["next"] = *next;
    else if (sees_all && shell_.trouble().empty()) json["trouble"] = next.error().sentence();
    return good(json);
}

ControlAnswer Control::calendar_overrides() const {
    const auto sources = read_overrides(outputs_.state(), "");
    if (!sources) return error(503, sources.error().what, sources.error().hint);
    Json files = Json::array();
    for (const CalendarSource& source : *sources) files.push_back({{"calendar", source.name}, {"text", *source.owned}});
    return good(Json{{"files", files}});
}

Json Control::outbox(const std::vector<Trouble>& troubles) const {
    Json json{{"pending", 0},
              {"pending_more", false},
              {"last_error", ""},
              {"troubles", Json::array()},
              {"tests", Json::array()}};
    for (const Trouble& trouble : troubles)
        if (trouble.kind == TroubleKind::outbox) json["troubles"].push_back(trouble.text);
    const auto pending = outbox_.pending(runs_max + 1);
    if (!pending) return json;
    json["pending"] = std::min(pending->size(), runs_max);
    json["pending_more"] = pending->size() > runs_max;
    for (const OutboxRow& row : *pending)
        if (!row.last_error.empty()) json["last_error"] = row.last_error;
    // Of `notify test`, which waits for its message's end.
    for (const OutboxRow& row : *pending)
        if (row.notice.job == "notify test")
            json["tests"].push_back({{"target", row.notice.target}, {"error", row.last_error}});
    return json;
}

ControlAnswer Control::runs(const ControlRequest& request) const {
    RunFilter filter;
    const auto limit = count(request, 100);
    if (!limit) return error(400, limit.error().what, limit.error().hint);
    filter.limit = *limit;
    if (const auto job = query(request, "job")) {
        const Job* known = job_seen(*job, request.access);
        filter.jobs = {known ? known->name : *job};
    }
    // Of a job that has left the file nobody can say whose it was.
    if (request.access.role == Access::Role::own) {
        const std::vector<std::string> seen = names_seen(request.access);
        if (filter.jobs.empty()) filter.jobs = seen;
        else if (!job_seen(filter.jobs.front(), request.access))
            return good(Json{{"runs", Json::array()}, {"next", nullptr}});
    }
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
    if (const auto text = query(request, "before")) {
        RunId id = 0;
        const auto [end, bad] = std::from_chars(text->data(), text->data() + text->size(), id);
        const bool is_number = bad == std::errc{} && end == text->data() + text->size();
        const auto found = is_number ? shell_.store().by_id(id) : Result<std::optional<Run>>();
        if (!found) return error(found.error());
        const std::optional<Run>& last = *found;
        if (!last) return error(400, fmt::format("before: there is no run {}", *text), "write the number of a run");
        filter.before = {last->fire, last->id};
    }
    ++filter.limit;  // whether there are more
    auto found = shell_.store().runs(filter);
    if (!found) return error(503, found.error().what, found.error().hint);
    const bool more = found->size() == filter.limit;
    if (more) found->pop_back();
    Json list = Json::array();
    for (const Run& run : *found)
        if (sees(request.access, run)) list.push_back(run_json(titled(run, shell_.plan())));
    return good(Json{{"runs", list}, {"next", more && !found->empty() ? Json(found->back().id) : Json()}});
}

ControlAnswer Control::alerts(const ControlRequest& request) const {
    const auto found =
        alerts_json(shell_.store(), shell_.plan(), query(request, "all") ? AlertsAsked::all : AlertsAsked::open);
    if (!found) return error(503, found.error().what, found.error().hint);
    Json list = Json::array();
    for (const Json& alert : *found) {
        const auto run = shell_.store().by_id(alert["alert"].get<RunId>());
        if (!run) return error(run.error());
        if (*run && sees(request.access, **run)) list.push_back(alert);
    }
    return good(Json{{"alerts", list}});
}

ControlAnswer Control::next(const ControlRequest& request, Instant now) const {
    std::vector<std::string> jobs = names_seen(request.access);
    if (const auto name = query(request, "job")) {
        const Job* job = job_seen(*name, request.access);
        if (job == nullptr) return error(400, fmt::format("unknown job {}", *name));
        jobs = {job->name};
    }
    const auto n = count(request, shown_fires);
    if (!n) return error(400, n.error().what, n.error().hint);
    const auto fires = coming(shell_, jobs, *n, now);
    if (!fires) return error(fires.error());
    return good(Json{{"fires", *fires}});
}

ControlAnswer Control::why_answer(const ControlRequest& request, Instant now) const {
    const std::string name = query(request, "job").value_or("");
    const Job* job = job_seen(name, request.access);
    const Zone& zone = job ? *job->schedule.zone : shell_.host_zone();
    Date date = date_of(zone.to_wall(now));
    if (const auto text = query(request, "date")) {
        const auto parsed = parse_date(*text);
        if (!parsed) return error(400, parsed.error().what, parsed.error().hint);
        date = *parsed;
    }
    // Of a job that has left the file nobody can say whose it was.
    const bool may_be_gone = !job && request.access.role != Access::Role::own && !shell_.plan().find_job(name);
    Result<std::vector<WhyLine>> lines = std::vector<WhyLine>{};
    if (job) lines = why(shell_.plan(), job->name, date, &shell_.store(), now, why_lines_max);
    else if (may_be_gone) lines = why_gone(name, date, shell_.store(), zone, why_lines_max);
    if (!lines) return error(lines.error());
    if (lines->empty()) return error(400, fmt::format("unknown job `{}`", name));
    if (auto done = add_unread_records(*lines, outputs_.state(), shell_.store()); !done) return error(done.error());
    Json list = Json::array();
    for (const WhyLine& line : *lines) list.push_back(why_json(line));
    return good(Json{{"lines", list}});
}

// What an attempt of the run, by default the latest, printed, masked, from a place on; "over" when nothing more will
// come.
ControlAnswer Control::logs(const ControlRequest& request) const {
    std::int64_t id = 0, offset = 0, wanted = 0;
    for (const auto& [name, number] :
         {std::pair{"run", &id}, std::pair{"offset", &offset}, std::pair{"attempt", &wanted}}) {
        const std::string text = query(request, name).value_or("0");
        const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), *number);
        if (bad != std::errc{} || end != text.data() + text.size() || *number < 0)
            return error(400, fmt::format("{}: `{}` is no whole number", name, text), fmt::format("write {}=17", name));
    }
    const auto found = shell_.store().by_id(id);
    if (!found) return error(found.error());
    const std::optional<Run>& run = *found;
    if (!run || !sees(request.access, *run)) return no_run(id);
    if (wanted > run->attempt) return error(400, no_attempt(*run, wanted).what, no_attempt(*run, wanted).hint);
    const int attempt = wanted == 0 ? run->attempt : static_cast<int>(wanted);
    if (query(request, "check")) {
        const auto check = check_output(shell_.store(), outputs_.state(), {run->id, attempt},
                                        os::instant_now() - shell_.plan().daemon.keep_output);
        if (!check) return error(503, check.error().what, check.error().hint);
        return good(output_check_json({run->id, attempt}, *check));
    }
    // Asked before reading, so that nothing is missed.
    const bool over = finished(run->state) || attempt < run->attempt;
    MaskedPiece piece = outputs_.output_piece(*run, attempt, static_cast<std::uint64_t>(offset), log_bytes_max);
    const std::size_t cut = begun_character(piece.text);
    if (cut < piece.text.size() && (!over || piece.more || piece.text.size() >= log_bytes_max)) {
        piece.text.resize(piece.text.size() - cut);
        piece.next -= cut;
    }
    const bool is_over = over && piece.text.empty() && !piece.more;
    return good(Json{{"run", run_json(titled(*run, shell_.plan()))},
                     {"text", piece.text},
                     {"next", piece.next},
                     {"over", is_over},
                     {"more", piece.more},
                     {"hidden", piece.is_hidden},
                     {"shortened", is_over && was_shortened(shell_.store(), {run->id, attempt}, piece.next)}});
}

const Job* Control::job_seen(const std::string& shown, const Access& access) const {
    const Job* job = shell_.plan().find_job(shown);
    return job && access.sees(*job) ? job : nullptr;
}

Result<std::string> Control::name_of(const std::string& shown, const Access& access) const {
    if (const Job* job = job_seen(shown, access)) return job->name;
    // Another is suggested: not to who must not know of it.
    if (access.role == Access::Role::own) return fail(Error::Kind::usage, fmt::format("unknown job `{}`", shown));
    if (const auto known = known_job(shell_.plan(), shown); !known)
        return fail(Error::Kind::usage, fmt::format("unknown job {}", shown), known.error().hint);
    return shown;
}

bool Control::sees(const Access& access, const Run& run) const {
    if (access.role != Access::Role::own) return true;
    // Its job may have become another's since it ran.
    return job_seen(run.job, access) != nullptr && (run.attempt == 0 || run.user == access.user);
}

std::vector<std::string> Control::names_seen(const Access& access) const {
    std::vector<std::string> names;
    for (const auto& [name, job] : shell_.plan().jobs)
        if (access.sees(job)) names.push_back(name);
    return names;
}

}  // namespace mc::app
