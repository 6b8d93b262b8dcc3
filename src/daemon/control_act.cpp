// control_act.cpp — the half of the control API that changes something.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/spelling.h"
#include "daemon/control_body.h"
#include "daemon/control_parts.h"
#include "desk/coming.h"
#include "desk/narrator.h"
#include "engine/clear.h"
#include "os/clock.h"

namespace mc::app {

namespace {

constexpr std::size_t reason_bytes_max = 500;
constexpr std::uint64_t year_seconds = 366 * 86400;
// What a user other than root and the group may ask for: root's daemon decides and records it all.
constexpr std::size_t own_at_once_max = 1000, own_unfinished_max = 2000;

// A person's words, as they may stand in the log and in the ledger.
std::string one_line(std::string text) {
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    return is_blank(text) ? "" : text;
}

// What the ledger would keep of a start's `env`; of any other text it keeps a line.
std::size_t env_bytes(const Json& body) {
    std::size_t bytes = 0;
    if (const Json* env = body.find("env"))
        for (const auto& [name, value] : env->items())
            bytes += name.size() + (value.is_string() ? value.get<std::string>().size() : 0) + 2;
    return bytes;
}

// What a start asks for its run alone.
Result<StartOptions> start_only_in(const Json& body) {
    StartOptions only;
    const auto bad = [](const char* what, const char* hint) { return fail(Error::Kind::usage, what, hint); };
    if (const Json* memory = body.find("memory")) only.memory = memory->get<std::uint64_t>();
    if (const Json* timeout = body.find("timeout")) {
        if (timeout->get<std::uint64_t>() > year_seconds) return bad("`timeout` is longer than a year", "send seconds");
        only.timeout = Seconds{timeout->get<std::int64_t>()};
    }
    if (const Json* env = body.find("env")) {
        for (const auto& [name, value] : env->items()) {
            if (name.starts_with("MARKETCRON_"))
                return fail(Error::Kind::usage, fmt::format("`{}` is set by marketcron itself", name),
                            "take another name");
            if (!is_environment_name(name) || !value.is_string() ||
                value.get<std::string>().find('\0') != std::string::npos)
                return bad("`env` has names and texts", R"(send "env": {"NAME": "value"})");
            only.env[name] = value.get<std::string>();
        }
        if (auto fits = check_start_env(only.env); !fits) return tl::unexpected(fits.error());
    }
    return only;
}

}  // namespace

ControlAnswer Control::would_backfill(const BackfillAsked& asked, Instant now) const {
    const auto items = plan_backfill(shell_.plan(), shell_.store(), asked, now);
    if (!items) return error(items.error());
    Json list = Json::array();
    for (const BackfillItem& item : *items) {
        if (const Job* job = shell_.plan().find_job(item.job)) list.push_back(backfill_json(item, *job));
    }
    return good(Json{{"items", list}});
}

ControlAnswer Control::hold_ice_or_release(const ControlRequest& request, const std::string& shown, const Json& until,
                                           Instant now) {
    const auto name = name_of(shown, request.access);
    if (!name) return error(400, name.error().what, name.error().hint);
    const std::string by = who(request.uid);
    const auto found = shell_.store().record_of(*name);
    if (!found) return error(found.error());
    const std::optional<JobRecord>& record = *found;
    for (const auto& [hold, word] : {std::pair{record ? record->hold : BoxedOptional<Hold>{}, "held"},
                                     std::pair{record ? record->ice : BoxedOptional<Hold>{}, "iced"}})
        if (request.access.role == Access::Role::own && hold && hold->by != by)
            return error(409, fmt::format("{} is {} by {}", shown, word, hold->by), "ask there, or root");
    if (request.path == "/v1/release") return told(shell_.step(ReleaseAsked{*name, by}));
    const auto ask = [&](std::optional<Instant> end) {
        if (request.path == "/v1/ice") return told(shell_.step(IceAsked{*name, end, by}));
        return told(shell_.step(HoldAsked{*name, end, by}));
    };
    if (until.is_null()) return ask({});
    const Job* job = shell_.plan().find_job(*name);
    const auto end = parse_future_time(until.get<std::string>(), job ? *job->schedule.zone : *Zone::utc(), now);
    if (!end) return error(400, end.error().what, end.error().hint);
    return ask(*end);
}

// What concerns everybody stands in the log too.
ControlAnswer Control::told(const Reply& reply) const {
    if (reply.ok) hooks_.say(reply.text);
    return action(reply);
}

ControlAnswer Control::act(const ControlRequest& request, Instant now) {
    const auto read = read_control_body(request.path, request.body);
    if (!read) return error(400, read.error().what, read.error().hint);
    // What changes nothing is as cheap as a GET.
    if (request.access.role == Access::Role::all || flag_in(*read, "dry_run")) return change(request, *read, now);
    if (const auto refused = too_many_unfinished(request)) return *refused;
    const std::size_t kept = env_bytes(*read);
    if (const auto refused = too_often(request, kept)) return *refused;
    ControlAnswer answer = change(request, *read, now);
    if (answer.status != 200) rate_.give_back(request.uid, kept);
    return answer;
}

ControlAnswer Control::change(const ControlRequest& request, const Json& body, Instant now) {
    const std::string& path = request.path;
    if (text_in(body, "reason").size() > reason_bytes_max)
        return error(400, fmt::format("`reason` is longer than {} bytes", reason_bytes_max), "say it in a sentence");
    if (path == "/v1/reload") return action(hooks_.reload());
    if (path == "/v1/drain") return action(shell_.step(DrainAsked{}));
    if (path == "/v1/notify-test") return action(hooks_.notify_test(text_in(body, "target")));
    if (path == "/v1/calendar-override") return override_calendar(request, body);
    if (path == "/v1/stop" || path == "/v1/rerun" || path == "/v1/mark") return act_on_run(request, body);
    if (path == "/v1/alert") return act_on_alert(request, body);
    if (path == "/v1/clear") return clear(request, body);
    if (path == "/v1/hold" || path == "/v1/ice" || path == "/v1/release")
        return hold_ice_or_release(request, text_in(body, "job"), body.value("until", Json()), now);
    if (path == "/v1/start") return start(request, body);
    return backfill(request, body, now);
}

ControlAnswer Control::override_calendar(const ControlRequest& request, const Json& body) {
    const auto day = parse_date(text_in(body, "date"));
    if (!day) return error(400, day.error().what, day.error().hint);
    auto asked = parse_override(text_in(body, "calendar"), *day, text_in(body, "what"), text_in(body, "time"));
    if (!asked) return error(400, asked.error().what, asked.error().hint);
    asked->reason = one_line(text_in(body, "reason"));
    return action(hooks_.override_calendar(*asked, who(request.uid)));
}

ControlAnswer Control::start(const ControlRequest& request, const Json& body) {
    const auto session = date_in(body, "session");
    if (!session) return error(400, session.error().what, session.error().hint);
    const auto job = name_of(text_in(body, "job"), request.access);
    if (!job) return error(400, job.error().what, job.error().hint);
    auto only = start_only_in(body);
    if (!only) return error(400, only.error().what, only.error().hint);
    // A variable can make a program run another one, as the job's user. Of a job that the daemon has not the engine
    // says so.
    const Job* known = shell_.plan().find_job(*job);
    if (known && request.access.role == Access::Role::operate && !only->env.empty() &&
        !request.access.is_user_of(*known))
        return error(403, fmt::format("--env is for root and the user that {} runs as", known->shown()),
                     "ask one of them, or leave it out");
    return action(shell_.step(StartAsked{*job, *session, flag_in(body, "force"), who(request.uid),
                                         flag_in(body, "gates"), *std::move(only)}));
}

std::optional<ControlAnswer> Control::too_often(const ControlRequest& request, std::size_t kept) {
    const auto wait = rate_.refuse(request.uid, kept, os::monotonic_now().time_since_epoch());
    if (!wait) return {};
    return error(429,
                 fmt::format("uid {} asks too often: a user may ask for {} changes at once, and then for one a second; "
                             "each 2 KB of `env` count as one more",
                             request.uid, RequestRate::burst),
                 fmt::format("ask again in {}", duration_text(*wait)));
}

std::optional<ControlAnswer> Control::too_many_unfinished(const ControlRequest& request) const {
    static const std::set<std::string> making{"/v1/start", "/v1/backfill", "/v1/clear", "/v1/rerun"};
    if (request.access.role != Access::Role::own || !making.contains(request.path)) return {};
    const auto& all = shell_.engine().unfinished();
    const auto count = static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [&](const auto& one) { return sees(request.access, one.second); }));
    if (count < own_unfinished_max) return {};
    return error(409,
                 fmt::format("uid {} has {} unfinished runs, and may have {}", request.uid, count, own_unfinished_max),
                 "let some end, or stop them; root and the group marketcron may ask for more");
}

ControlAnswer Control::act_on_run(const ControlRequest& request, const Json& body) {
    const auto id = body.value("run", RunId{0});
    const auto run = shell_.store().by_id(id);
    if (!run) return error(run.error());
    if (!*run || !sees(request.access, **run)) return no_run(id);
    const std::string by = who(request.uid);
    if (request.path == "/v1/stop") return action(shell_.step(StopAsked{id, by}));
    if (request.path == "/v1/rerun") return action(shell_.step(RerunAsked{id, flag_in(body, "force"), by}));
    const auto state = parse_state(text_in(body, "state"));
    if (!state || (*state != State::success && *state != State::failed && *state != State::skipped))
        return error(400, fmt::format("a run is marked success, failed or skipped, not `{}`", text_in(body, "state")));
    const std::string reason = one_line(text_in(body, "reason"));
    if (reason.empty()) return error(400, "`reason` is missing", "say why: whoever reads the ledger will ask");
    return action(shell_.step(MarkAsked{id, *state, reason, by}));
}

ControlAnswer Control::act_on_alert(const ControlRequest& request, const Json& body) {
    const auto id = body.value("alert", RunId{0});
    const auto run = shell_.store().by_id(id);
    if (!run) return error(run.error());
    if (*run && !sees(request.access, **run))
        return error(400, fmt::format("there is no open alert {}", id), "`marketcron alerts` lists them");
    const std::string verb = text_in(body, "do"), reason = one_line(text_in(body, "reason"));
    if (verb != "ack" && verb != "close") return error(400, "`do` is ack or close", R"(send "do": "ack")");
    if (reason.empty()) return error(400, "`reason` is missing", "say what is known");
    return told(shell_.step(AlertAsked{id, verb == "close", reason, who(request.uid)}));
}

ControlAnswer Control::clear(const ControlRequest& request, const Json& body) {
    ClearAsked asked;
    if (const auto bad = read_jobs_and_dates(request, body, asked.jobs, asked.from, asked.to)) return *bad;
    asked.downstream = flag_in(body, "downstream");
    if (request.access.role == Access::Role::own) asked.runs_max = own_at_once_max;
    asked.by = who(request.uid);
    const auto items = plan_clear(shell_.plan(), shell_.store(), asked);
    if (!items) return error(items.error());
    Json list = Json::array();
    for (const ClearItem& item : *items) {
        if (!sees(request.access, item.run))
            return error(403, "another user's job runs after it", "ask root, or the group marketcron");
        Json line = run_json(titled(item.run, shell_.plan()));
        line["cleared"] = item.is_reset;
        line["why"] = item.why;
        list.push_back(std::move(line));
    }
    if (flag_in(body, "dry_run")) return good(Json{{"items", list}});
    return action(shell_.step(asked));
}

// The answer to a body that has them not.
std::optional<ControlAnswer> Control::read_jobs_and_dates(const ControlRequest& request, const Json& body,
                                                          std::vector<std::string>& jobs, Date& first,
                                                          Date& last) const {
    for (const Json& job : body["jobs"]) {
        const auto name = name_of(job.get<std::string>(), request.access);
        if (!name) return error(400, name.error().what, name.error().hint);
        jobs.push_back(*name);
    }
    const auto from = date_in(body, "from"), to = date_in(body, "to");
    if (!from || !*from || !to || !*to) return error(400, "`from` and `to` are dates", R"(send "from": "2026-11-02")");
    first = **from;
    last = **to;
    return {};
}

ControlAnswer Control::backfill(const ControlRequest& request, const Json& body, Instant now) {
    BackfillAsked asked;
    if (const auto bad = read_jobs_and_dates(request, body, asked.jobs, asked.from, asked.to)) return *bad;
    const std::string rerun = text_in(body, "rerun");
    if (rerun == "failed") asked.rerun = BackfillAsked::Rerun::failed;
    else if (rerun == "all") asked.rerun = BackfillAsked::Rerun::all;
    else if (!rerun.empty()) return error(400, fmt::format("`rerun` is failed or all, not {}", rerun));
    if (body.contains("parallel"))
        asked.parallel = static_cast<int>(std::min<std::uint64_t>(body["parallel"].get<std::uint64_t>(), 1000));
    asked.by = who(request.uid);
    if (request.access.role == Access::Role::own) asked.fires_max = own_at_once_max;
    if (flag_in(body, "upstream")) asked.upstreams = BackfillAsked::Upstreams::run;
    if (flag_in(body, "assume_upstream")) asked.upstreams = BackfillAsked::Upstreams::assumed;
    if (request.access.role == Access::Role::own && asked.upstreams == BackfillAsked::Upstreams::run)
        if (const auto foreign = needs_foreign(request.access, asked)) return *foreign;
    if (flag_in(body, "dry_run")) return would_backfill(asked, now);
    return action(shell_.step(asked));
}

// Another user's job before one of them would run too.
std::optional<ControlAnswer> Control::needs_foreign(const Access& access, const BackfillAsked& asked) const {
    std::vector<std::string> names = asked.jobs;
    std::set<std::string> seen;
    while (!names.empty()) {
        const auto job = shell_.plan().jobs.find(names.back());
        names.pop_back();
        if (job == shell_.plan().jobs.end() || !seen.insert(job->first).second || !job->second.after) continue;
        for (const Upstream& upstream : job->second.after->upstreams) {
            const Job* before = shell_.plan().find_job(upstream.job);
            if (!before || !access.sees(*before))
                return error(403, "another user's job runs before it",
                             "--assume-upstream takes it for done; or ask root, or the group marketcron");
            names.push_back(upstream.job);
        }
    }
    return {};
}

}  // namespace mc::app
