#include "daemon/control.h"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/route.h"
#include "os/clock.h"

namespace mc::app {

namespace {

// A limit for users other than root and the group marketcron, because root's daemon decides and records all these runs.
constexpr std::size_t own_unfinished_max = 2000;

// The bytes that the ledger would keep of the objects in a request. Of any other value it keeps at most a line.
std::size_t bytes_kept(const Endpoint& endpoint, const Given& given) {
    std::size_t bytes = 0;
    for (const Parameter& parameter : endpoint.parameters)
        for (const auto& [name, value] : given.texts(parameter.name)) bytes += name.size() + value.size() + 2;
    return bytes;
}

Result<Given> read(const Endpoint& endpoint, const ControlRequest& request) {
    if (endpoint.method == Method::get) return read_query(endpoint.parameters, request.query);
    if (const auto none = read_query({}, request.query); !none) return none;
    return read_body(endpoint.parameters, request.body);
}

// An alert has the number of its run.
Result<void> find_alert(const Call& call, std::int64_t alert) {
    const auto run = call.daemon.shell.store().by_id(alert);
    if (!run) return tl::unexpected(run.error());
    if (!*run || call.seen.sees(**run)) return {};  // the engine checks whether it is open
    return fail(Error::Kind::usage, fmt::format("there is no open alert {}", alert), "`marketcron alerts` lists them");
}

// Replaces the value by the job or run that it names. Error: usage, if it does not exist or the caller does not see it; of
// the ledger.
Result<void> find(const Parameter& parameter, Call& call) {
    const std::string_view name = parameter.name;
    if (parameter.type == Type::job) {
        auto job = call.seen.name_of(call.given.text(name));
        if (!job) return tl::unexpected(job.error());
        call.given.set(name, job->text());
    } else if (parameter.type == Type::jobs) {
        std::vector<std::string> jobs = call.given.list(name);
        for (std::string& one : jobs) {
            auto job = call.seen.name_of(one);
            if (!job) return tl::unexpected(job.error());
            one = job->text();
        }
        call.given.set(name, std::move(jobs));
    } else if (parameter.type == Type::run) {
        auto run = call.seen.run(*call.given.number(name));
        if (!run) return tl::unexpected(run.error());
        call.run = *std::move(run);
    } else if (parameter.type == Type::alert) {
        return find_alert(call, *call.given.number(name));
    }
    return {};
}

}  // namespace

Control::Control(Shell& shell, const Outbox& outbox, AttemptOutputs& outputs, ControlHooks hooks, std::string config,
                 Instant started)
    : daemon_{shell, outbox, outputs, std::move(hooks), std::move(config), started} {}

ControlAnswer Control::answer(const ControlRequest& request, Instant now) {
    if (request.access.role != Access::Role::own) return answer_at_once(request, now);
    const auto begun = os::monotonic_now().time_since_epoch();
    if (const auto wait = budget_.refuse(request.uid, begun))
        return too_early(fmt::format("the requests of uid {} have taken too much of the daemon's time", request.uid),
                         *wait);
    ControlAnswer answer = answer_at_once(request, now);
    const auto ended = os::monotonic_now().time_since_epoch();
    budget_.spent(request.uid, ended - begun, ended);
    return answer;
}

ControlAnswer Control::answer_at_once(const ControlRequest& request, Instant now) {
    if (!request.bad_query.empty()) return error(400, request.bad_query, "send each NAME=VALUE once");
    const Route found = route(endpoints(), request.method, request.path);
    const bool is_anyones = found.endpoint && found.endpoint->right == Right::anyone;
    if (!is_anyones && request.access.role == Access::Role::own && Seen(daemon_.shell, request.access).names().empty())
        return error(
            403, fmt::format("uid {} has no access to this daemon: none of its jobs runs as that user", request.uid),
            "run the command as root, as the daemon's user or as a member of the group marketcron");
    if (found.allow.empty())
        return error(404, fmt::format("unknown path {}", request.path), "docs/control-api.md lists the paths");
    if (!found.endpoint) {
        ControlAnswer answer = error(405, fmt::format("{} needs the method {}", request.path, found.allow));
        answer.allow = found.allow;
        return answer;
    }
    if (!request.access.may(found.endpoint->right))
        return error(403, fmt::format("uid {} has no permission for {}", request.uid, request.path),
                     "run the command as root");
    return answer(*found.endpoint, request, now);
}

ControlAnswer Control::answer(const Endpoint& endpoint, const ControlRequest& request, Instant now) {
    auto given = read(endpoint, request);
    if (!given) return error(given.error());
    // Without an engine a request that only reads is refused. One that changes something is passed on: the step opens
    // the ledger again.
    if (endpoint.work == Work::reads && !daemon_.shell.engine_or_null()) return error(503, daemon_.shell.refusal());
    Call call{daemon_, Seen(daemon_.shell, request.access), *std::move(given), who(request.uid), {}, now};
    for (const Parameter& parameter : endpoint.parameters)
        if (call.given.has(parameter.name))
            if (const auto found = find(parameter, call); !found) return error(found.error());
    switch (endpoint.work) {
        case Work::reads_always:
        case Work::reads: return endpoint.answer(call);
        case Work::changes:
        case Work::adds_runs: return change(endpoint, request, call);
    }
    return {};
}

ControlAnswer Control::change(const Endpoint& endpoint, const ControlRequest& request, const Call& call) {
    // A dry run changes nothing, and is as cheap as a GET.
    if (request.access.role == Access::Role::all || call.given.flag("dry_run")) return endpoint.answer(call);
    if (endpoint.work == Work::adds_runs)
        if (const auto refused = too_many_unfinished(request, call.seen)) return *refused;
    const std::size_t kept = bytes_kept(endpoint, call.given);
    if (const auto refused = too_often(request, kept)) return *refused;
    ControlAnswer answer = endpoint.answer(call);
    if (answer.status != 200) rate_.give_back(request.uid, kept);
    return answer;
}

std::optional<ControlAnswer> Control::too_often(const ControlRequest& request, std::size_t kept) {
    const auto wait = rate_.refuse(request.uid, kept, os::monotonic_now().time_since_epoch());
    if (!wait) return {};
    return too_early(
        fmt::format("too many requests from uid {}: a user can request {} changes at once, then one a second; "
                    "each 2 KB of `env` count as one more",
                    request.uid, RequestRate::burst),
        *wait);
}

std::optional<ControlAnswer> Control::too_many_unfinished(const ControlRequest& request, const Seen& seen) const {
    const Engine* engine = daemon_.shell.engine_or_null();
    if (seen.is_all() || !engine) return {};
    const auto& all = engine->unfinished();
    const auto count = static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [&](const auto& one) { return seen.sees(one.second); }));
    if (count < own_unfinished_max) return {};
    return error(409,
                 fmt::format("uid {} has {} unfinished runs; the limit is {}", request.uid, count, own_unfinished_max),
                 "wait until some have ended, or stop them; root and the group marketcron have no such limit");
}

}  // namespace mc::app
