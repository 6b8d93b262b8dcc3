#include "engine/consequence.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "config/order.h"

namespace mc {

namespace {

std::optional<Instant> latest(const Plan& plan, const Job& job, Date date) {
    const auto fires = planned_fires(job, plan, date, date);
    if (!fires || fires->empty()) return {};
    return fires->back().due;
}

// The other jobs before it still come first, and its own schedule too.
std::string start_of(const Plan& plan, const Job& job, const Job& without, const Fire& fire) {
    std::optional<Instant> at;
    const auto not_before = [&](std::optional<Instant> t) {
        if (t && (!at || *at < *t)) at = t;
    };
    if (job.has_schedule()) not_before(latest(plan, job, fire.logical_date));
    std::vector<std::string> others;
    for (const Upstream& upstream : job.after->upstreams) {
        if (upstream.job == without.name || upstream.previous) continue;
        not_before(latest(plan, plan.jobs.at(upstream.job), fire.logical_date));
        others.push_back(plan.title(upstream.job));
    }
    if (!at && !job.has_schedule()) at = fire.due;
    if (!at) return fmt::format("{} has no fire for {}", job.shown(), to_string(fire.logical_date));
    std::string text = fmt::format("{} starts at {} without it", job.shown(), local_text(*at, *job.schedule.zone));
    if (!others.empty()) text += fmt::format(", after {}", fmt::join(others, " and "));
    return text;
}

}  // namespace

std::vector<std::string> if_iced(const Plan& plan, const Job& job, Instant now) {
    std::vector<std::string> lines;
    const auto dependents = dependents_of(plan);
    const auto found = dependents.find(job.name);
    constexpr Seconds ahead{40LL * 86400};
    if (found == dependents.end()) return lines;
    const auto next = next_planned(job, plan, now, ahead);
    if (!next || next->empty()) return lines;
    for (const Job* after : found->second)
        if (after->enabled) lines.push_back(start_of(plan, *after, job, next->front()));
    return lines;
}

std::vector<std::string> jobs_behind(const Plan& plan, const Job& job) {
    const auto dependents = dependents_of(plan);
    std::set<std::string> seen, names;
    std::vector<std::string> to_look_at{job.name};
    while (!to_look_at.empty()) {
        const auto found = dependents.find(to_look_at.back());
        to_look_at.pop_back();
        if (found == dependents.end()) continue;
        for (const Job* after : found->second) {
            if (!after->enabled || after == &job || !seen.insert(after->name).second) continue;
            names.insert(after->shown());
            to_look_at.push_back(after->name);
        }
    }
    return {names.begin(), names.end()};
}

}  // namespace mc
