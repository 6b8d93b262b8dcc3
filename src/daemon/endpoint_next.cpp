// endpoint_next.cpp — GET /v1/next.
#include <fmt/format.h>

#include <algorithm>

#include "daemon/endpoint.h"
#include "desk/first_fires.h"

namespace mc::app {

namespace {

constexpr std::int64_t fires_usual = 10, fires_max = 10'000;

}  // namespace

ControlAnswer get_next(const Call& call) {
    const Shell& shell = call.daemon.shell;
    std::vector<const Job*> jobs;
    KnownFire known;
    if (call.given.has("job")) {
        const std::string shown = call.given.text("job");
        jobs = {call.seen.job(shown)};
        if (!jobs.front()) return error(400, fmt::format("unknown job `{}`", shown));
    } else {
        for (const JobName& name : call.seen.names())
            if (const Job* job = shell.plan().find_job(name); job && job->enabled) jobs.push_back(job);
        known = [&](const Job& job) { return shell.engine().next_fire(job.name); };
    }
    const auto n = static_cast<std::size_t>(std::min(call.given.number("n").value_or(fires_usual), fires_max));
    const auto first = first_fires(jobs, shell.plan(), shell.store(), call.now, n, known);
    if (!first) return error(first.error());
    Json list = Json::array();
    for (const auto& [fire, job] : first->fires) list.push_back(coming_json(fire, *job, shell.plan()));
    return good(Json{{"fires", list}});
}

}  // namespace mc::app
