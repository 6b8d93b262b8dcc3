// endpoint_runs.cpp — GET /v1/runs, and POST /v1/stop, rerun and mark, which change one run.
#include <fmt/format.h>

#include <algorithm>

#include "daemon/endpoint.h"

namespace mc::app {

namespace {

constexpr std::int64_t runs_usual = 100, runs_max = 10'000;

Result<RunFilter> filter_of(const Call& call) {
    RunFilter filter;
    filter.from = call.given.date("from");
    filter.to = call.given.date("to");
    if (call.given.has("state")) {
        filter.state = parse_state(call.given.text("state"));
        if (!filter.state) return fail(Error::Kind::usage, fmt::format("unknown state `{}`", call.given.text("state")));
    }
    if (const auto before = call.given.number("before")) {
        const auto found = call.daemon.shell.store().by_id(*before);
        if (!found) return tl::unexpected(found.error());
        const std::optional<Run>& last = *found;
        if (!last)
            return fail(Error::Kind::usage, fmt::format("before: there is no run {}", *before),
                        "write the number of a run");
        filter.before = {last->fire, last->id};
    }
    if (call.given.has("job")) {
        const std::string shown = call.given.text("job");
        const Job* job = call.seen.job(shown);
        filter.jobs = {job ? job->name : JobName(shown)};  // a job that is no longer in the configuration
    } else if (!call.seen.is_all()) {
        filter.jobs = call.seen.names();
    }
    return filter;
}

}  // namespace

ControlAnswer get_runs(const Call& call) {
    auto filter = filter_of(call);
    if (!filter) return error(filter.error());
    // If the job is no longer in the configuration, its user is not known.
    if (!call.seen.is_all() && (filter->jobs.empty() || !call.seen.job(filter->jobs.front())))
        return good(Json{{"runs", Json::array()}, {"next", nullptr}});
    const std::int64_t n = std::min(call.given.number("n").value_or(runs_usual), runs_max);
    filter->limit = static_cast<std::size_t>(n) + 1;  // one more, to see whether there are further runs
    auto found = call.daemon.shell.store().runs(*filter);
    if (!found) return error(found.error());
    const bool more = found->size() == filter->limit;
    if (more) found->pop_back();
    Json list = Json::array();
    for (const Run& run : *found)
        if (call.seen.sees(run)) list.push_back(run_json(titled(run, call.daemon.shell.plan())));
    return good(Json{{"runs", list}, {"next", more && !found->empty() ? Json(found->back().id) : Json()}});
}

ControlAnswer post_stop(const Call& call) { return action(call.daemon.shell.step(StopAsked{call.run->id, call.by})); }

ControlAnswer post_rerun(const Call& call) {
    return action(call.daemon.shell.step(RerunAsked{call.run->id, call.given.flag("force"), call.by}));
}

ControlAnswer post_mark(const Call& call) {
    const std::string text = call.given.text("state"), reason = call.given.text("reason");
    const auto state = parse_state(text);
    if (!state || (*state != State::success && *state != State::failed && *state != State::skipped))
        return error(400, fmt::format("a run can be marked success, failed or skipped, not `{}`", text));
    if (reason.empty()) return error(400, "`reason` is missing", "write why; the ledger keeps it");
    return action(call.daemon.shell.step(MarkAsked{call.run->id, *state, reason, call.by}));
}

}  // namespace mc::app
