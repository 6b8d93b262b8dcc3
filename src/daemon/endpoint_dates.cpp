// endpoint_dates.cpp — POST /v1/clear and backfill: the runs of a range of dates.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "daemon/endpoint.h"
#include "engine/backfill.h"
#include "engine/clear.h"

namespace mc::app {

namespace {

// A limit for users other than root and the group marketcron, because root's daemon decides and records all these runs.
constexpr std::size_t own_at_once_max = 1000;
constexpr std::uint64_t parallel_max = 1000;

Result<BackfillAsked::Rerun> rerun_in(const Given& given) {
    const std::string rerun = given.text("rerun");
    if (rerun.empty()) return BackfillAsked::Rerun::none;
    if (rerun == "failed") return BackfillAsked::Rerun::failed;
    if (rerun == "all") return BackfillAsked::Rerun::all;
    return fail(Error::Kind::usage, fmt::format("`rerun` must be failed or all, not `{}`", rerun));
}

// Whether an upstream job of those jobs, direct or indirect, belongs to another user.
bool needs_foreign(const Call& call, std::vector<JobName> jobs) {
    const Plan& plan = call.daemon.shell.plan();
    std::set<JobName> looked_at;
    while (!jobs.empty()) {
        const auto job = plan.jobs.find(jobs.back());
        jobs.pop_back();
        if (job == plan.jobs.end() || !looked_at.insert(job->first).second || !job->second.after) continue;
        for (const Upstream& upstream : job->second.after->upstreams) {
            if (!call.seen.job(upstream.job)) return true;
            jobs.push_back(upstream.job);
        }
    }
    return false;
}

ControlAnswer would_backfill(const Call& call, const BackfillAsked& asked) {
    const Shell& shell = call.daemon.shell;
    const auto items = plan_backfill(shell.plan(), shell.store(), asked, call.now);
    if (!items) return error(items.error());
    Json list = Json::array();
    for (const BackfillItem& item : *items)
        if (const Job* job = shell.plan().find_job(item.job)) list.push_back(backfill_json(item, *job));
    return good(Json{{"items", list}});
}

}  // namespace

ControlAnswer post_backfill(const Call& call) {
    BackfillAsked asked;
    asked.jobs = call.given.jobs("jobs");
    asked.from = *call.given.date("from");
    asked.to = *call.given.date("to");
    const auto rerun = rerun_in(call.given);
    if (!rerun) return error(rerun.error());
    asked.rerun = *rerun;
    asked.parallel = static_cast<int>(std::min(call.given.positive("parallel").value_or(1), parallel_max));
    asked.by = call.by;
    if (!call.seen.is_all()) asked.fires_max = own_at_once_max;
    if (call.given.flag("upstream")) asked.upstreams = BackfillAsked::Upstreams::run;
    if (call.given.flag("assume_upstream")) asked.upstreams = BackfillAsked::Upstreams::assumed;
    if (!call.seen.is_all() && asked.upstreams == BackfillAsked::Upstreams::run && needs_foreign(call, asked.jobs))
        return error(
            403, "an upstream job belongs to another user",
            "add --assume-upstream to treat it as successful, or ask root or a member of the group marketcron");
    if (call.given.flag("dry_run")) return would_backfill(call, asked);
    return action(call.daemon.shell.step(asked));
}

ControlAnswer post_clear(const Call& call) {
    Shell& shell = call.daemon.shell;
    ClearAsked asked;
    asked.jobs = call.given.jobs("jobs");
    asked.from = *call.given.date("from");
    asked.to = *call.given.date("to");
    asked.downstream = call.given.flag("downstream");
    if (!call.seen.is_all()) asked.runs_max = own_at_once_max;
    asked.by = call.by;
    const auto items = plan_clear(shell.plan(), shell.store(), asked);
    if (!items) return error(items.error());
    Json list = Json::array();
    for (const ClearItem& item : *items) {
        if (!call.seen.sees(item.run))
            return error(403, "a downstream job belongs to another user",
                         "ask root or a member of the group marketcron");
        Json line = run_json(titled(item.run, shell.plan()));
        line["cleared"] = item.is_reset;
        line["why"] = item.why;
        list.push_back(std::move(line));
    }
    if (call.given.flag("dry_run")) return good(Json{{"items", list}});
    return action(shell.step(asked));
}

}  // namespace mc::app
