#include "explain/consequence.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/spelling.h"
#include "config/order.h"
#include "engine/forecast.h"
#include "engine/fresh_run.h"
#include "engine/hold.h"
#include "engine/upstream.h"

namespace mc {

namespace {

using Standing = UpstreamStatus::Standing;

constexpr std::size_t names_shown = 10;

// "b and c wait"
std::string subject(const std::vector<std::string>& names, std::string_view does, std::string_view they_do) {
    return fmt::format("{} {}", listed(names, names_shown), names.size() == 1 ? does : they_do);
}

std::optional<Fire> latest(const Plan& plan, const Job& job, Date date) {
    const auto fires = planned_fires(job, plan, date, date);
    if (!fires || fires->empty()) return {};
    return fires->back();
}

// The decision of the job's trigger if that upstream job counts as success. All others count as success too, except
// disabled ones, which count as skipped.
TriggerVerdict verdict_without(const Plan& plan, const Job& job, const JobName& upstream) {
    std::vector<UpstreamStatus> looks;
    for (const Upstream& one : job.after->upstreams) {
        const bool succeeds = one.job == upstream || plan.jobs.at(one.job).enabled;
        looks.emplace_back().standing = succeeds ? Standing::success : Standing::skipped;
    }
    return judge(job.after->trigger, looks);
}

// The job's fire for the date; without a schedule, its upstream job's fire.
std::optional<Fire> fire_for(const Plan& plan, const Job& job, const Fire& before) {
    if (job.has_schedule()) return latest(plan, job, before.logical_date);
    return fire_of_date(job, before.logical_date, before.due, *plan.calendars);
}

// When `job` starts without `without`: it still waits for its other upstream jobs, its schedule and its wait_until.
std::string start_of(const Plan& plan, const Job& job, const Job& without, const Fire& fire) {
    const auto own = fire_for(plan, job, fire);
    if (!own) return fmt::format("{} has no fire for {}", job.shown(), to_string(fire.logical_date));
    if (!when_holds(job, *plan.calendars, fire.logical_date).value_or(true))
        return fmt::format("{} is skipped (when_false)", job.shown());
    const TriggerVerdict verdict = verdict_without(plan, job, without.name);
    if (verdict == TriggerVerdict::skip) return fmt::format("{} is skipped without it", job.shown());
    std::optional<Instant> at;
    const auto not_before = [&](std::optional<Instant> t) {
        if (t && (!at || *at < *t)) at = t;
    };
    if (job.has_schedule()) not_before(own->due);
    not_before(make_run(job, *own, Origin::live, *plan.calendars).not_before);
    std::vector<std::string> others;
    for (const Upstream& upstream : job.after->upstreams) {
        if (upstream.job == without.name || upstream.previous || !plan.jobs.at(upstream.job).enabled) continue;
        if (const auto theirs = latest(plan, plan.jobs.at(upstream.job), fire.logical_date)) not_before(theirs->due);
        others.push_back(plan.title(upstream.job));
    }
    const Instant start = at.value_or(own->due);
    std::string text = fmt::format("{} starts at {} without it", job.shown(), local_text(start, *job.schedule.zone));
    if (!others.empty()) text += fmt::format(", after {}", fmt::join(others, " and "));
    return text;
}

}  // namespace

Result<std::vector<std::string>> if_iced(const Plan& plan, const Job& job, const Ledger& ledger, Instant now) {
    std::vector<std::string> lines;
    const auto dependents = dependents_of(plan);
    const auto found = dependents.find(job.name);
    if (found == dependents.end()) return lines;
    const auto next = next_to_come(job, plan, ledger, now, far_ahead(job));
    if (!next && is_of_ledger(next.error().kind)) return tl::unexpected(next.error());
    if (!next || next->empty()) return lines;
    for (const Job* after : found->second)
        if (after->enabled) lines.push_back(start_of(plan, *after, job, next->front()));
    return lines;
}

std::vector<std::string> if_held(const Plan& plan, const Job& job) {
    const auto behind = jobs_behind(plan, job);
    if (behind.empty()) return {};
    return {subject(behind, "waits", "wait") + " for it"};
}

std::vector<std::string> if_started(const Plan& plan, const Job& job, std::optional<Date> date) {
    std::vector<std::string> with_own_run, without;
    const auto dependents = dependents_of(plan);
    const auto found = dependents.find(job.name);
    if (found == dependents.end()) return {};
    for (const Job* after : found->second)
        if (after->enabled) (after->has_schedule() ? with_own_run : without).push_back(after->shown());
    std::vector<std::string> lines;
    if (!date) {
        with_own_run.insert(with_own_run.end(), without.begin(), without.end());
        std::sort(with_own_run.begin(), with_own_run.end());
        if (!with_own_run.empty())
            lines.push_back(subject(with_own_run, "ignores", "ignore") + " a run without a date; add --session DATE");
        return lines;
    }
    if (!with_own_run.empty())
        lines.push_back(
            fmt::format("{} on its result for {}", subject(with_own_run, "depends", "depend"), to_string(*date)));
    if (!without.empty())
        lines.push_back(subject(without, "gets", "get") +
                        " no new run from a start; a run that waits for that date depends on its result");
    return lines;
}

std::vector<std::string> if_released(const Plan& plan, const Job& job, const JobRecord& record,
                                     const std::vector<Run>& waiting, Instant now) {
    std::vector<const Run*> due;
    std::vector<std::string> start, skipped, lines;
    for (const Run& run : waiting) {
        if (!record.held() || run.reason != Reason::held) continue;
        if (gathered(run, record.hold->since)) due.push_back(&run);
        else start.push_back(std::to_string(run.id));
    }
    std::sort(due.begin(), due.end(), [](const Run* a, const Run* b) { return a->fire < b->fire; });
    const std::vector<Because> fates = fates_on_release(due, job, now);
    for (std::size_t i = 0; i < due.size(); ++i)
        (fates[i].reason == Reason::none ? start : skipped).push_back(std::to_string(due[i]->id));
    const auto runs = [](const std::vector<std::string>& ids) { return ids.size() == 1 ? "run" : "runs"; };
    if (!start.empty()) lines.push_back(fmt::format("{} {} no longer held", runs(start), subject(start, "is", "are")));
    if (!skipped.empty())
        lines.push_back(
            fmt::format("{} {} skipped because a newer run is kept", runs(skipped), subject(skipped, "is", "are")));
    if (record.held() && record.iced()) lines.emplace_back("both its hold and its ice end");
    const auto behind = jobs_behind(plan, job);
    if (behind.empty()) return lines;
    lines.push_back(subject(behind, "waits", "wait") +
                    (record.iced() ? " for it again from its next fire" : " for it until it has run"));
    return lines;
}

std::vector<std::string> jobs_behind(const Plan& plan, const Job& job) {
    auto dependents = dependents_of(plan);
    for (auto& [name, jobs] : dependents)  // trigger always waits for no job
        std::erase_if(jobs, [](const Job* after) { return after->after->trigger == Trigger::always; });
    for (const auto& [name, waiter] : plan.jobs)
        if (waiter.wait)
            for (const Sensor& sensor : *waiter.wait)
                if (const auto* other = std::get_if<JobSensor>(&sensor.kind)) dependents[other->job].push_back(&waiter);
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
