// endpoint_why.cpp — GET /v1/why.
#include <fmt/format.h>

#include "daemon/endpoint.h"
#include "desk/unread_record.h"

namespace mc::app {

namespace {

constexpr std::size_t lines_max = 2'000;  // a job that fires every minute has 1500 fires on a day of 25 hours

}  // namespace

ControlAnswer get_why(const Call& call) {
    const Shell& shell = call.daemon.shell;
    const std::string name = call.given.text("job");
    const Job* job = call.seen.job(name);
    const Zone& zone = job ? *job->schedule.zone : shell.host_zone();
    const Date date = call.given.date("date").value_or(date_of(zone.to_wall(call.now)));
    // If the job is no longer in the configuration, its user is not known.
    const bool may_be_gone = !job && call.seen.is_all();
    Result<std::vector<WhyLine>> lines = std::vector<WhyLine>{};
    if (job) lines = why(shell.plan(), job->name, date, &shell.store(), call.now, lines_max);
    else if (may_be_gone) lines = why_gone(JobName(name), date, shell.store(), zone, lines_max);
    if (!lines) return error(lines.error());
    if (lines->empty()) return error(400, fmt::format("unknown job `{}`", name));
    if (auto done = add_unread_records(*lines, call.daemon.outputs.state(), shell.store()); !done)
        return error(done.error());
    Json list = Json::array();
    for (const WhyLine& line : *lines) list.push_back(why_json(line));
    return good(Json{{"lines", list}});
}

}  // namespace mc::app
