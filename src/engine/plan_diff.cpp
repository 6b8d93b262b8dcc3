#include "engine/plan_diff.h"

#include <fmt/format.h>

#include <set>

#include "config/job_parts.h"
#include "schedule/fire_pairs.h"

namespace mc {
namespace {

constexpr date::days diff_ahead{400};

Instant midnight_utc(Date date) { return Instant{date.time_since_epoch()}; }
Date utc_date(Instant t) { return Date{date::floor<date::days>(t).time_since_epoch()}; }

// What is asked about; a fire is judged by its logical date where dates are given, else by its instant.
struct Range {
    explicit Range(const PlanDiffAsked& asked)
        : now(asked.now), from(asked.from), to(asked.to), until(asked.now + diff_ahead) {
        if (from && !to) to = *from + diff_ahead - date::days{1};
    }
    bool is_over(const Fire& fire) const { return !from && fire.due <= now; }
    bool holds(const Fire& fire) const {
        if (from ? fire.logical_date < *from : is_over(fire)) return false;
        return to ? fire.logical_date <= *to : fire.due <= until;
    }
    // All fires that matter, and their partners, are due within these.
    Instant first(Seconds reach) const { return (from ? midnight_utc(*from) - reach : now) - reach; }
    Instant last(Seconds reach) const { return (to ? midnight_utc(*to) + reach : until) + reach; }

    Instant now;
    std::optional<Date> from, to;
    Instant until;
};

// A pair as a change within the range; none, where nothing changes there.
std::optional<FireChange> change_of(FirePair pair, const Range& range) {
    FireChange change;
    const bool was = pair.before && range.holds(*pair.before), is = pair.after && range.holds(*pair.after);
    if (!was && !is) return std::nullopt;
    if (pair.before && pair.after && range.is_over(*pair.before)) {
        if (pair.one_run) return std::nullopt;  // its run has been
        pair.before.reset();
    } else if (pair.before && pair.after && range.is_over(*pair.after)) {
        pair.after.reset();
    }
    change.change = !pair.before ? Change::added : !pair.after ? Change::dropped : Change::moved;
    change.old_fire = std::move(pair.before);
    change.fire = std::move(pair.after);
    return change;
}

const Job* find(const Plan& plan, const std::string& name) {
    const auto found = plan.jobs.find(name);
    return found == plan.jobs.end() ? nullptr : &found->second;
}

std::set<std::string> names_of(const Plan& before, const Plan& after) {
    std::set<std::string> names;
    for (const Plan* plan : {&before, &after})
        for (const auto& [name, job] : plan->jobs) names.insert(name);
    return names;
}

const JobSchedule* schedule_of(const Job* job) { return job && job->enabled ? &job->schedule : nullptr; }

bool fire_alike(const Job* old_job, const Plan& before, const Job* new_job, const Plan& after, bool same_calendars) {
    if (!schedule_of(old_job) || !schedule_of(new_job)) return schedule_of(old_job) == schedule_of(new_job);
    return (same_calendars || calendars_named(new_job->schedule).empty()) &&
           schedule_text(*old_job, before) == schedule_text(*new_job, after);
}

}  // namespace

std::string_view to_text(Change change) {
    switch (change) {
        case Change::added: return "added";
        case Change::dropped: return "dropped";
        case Change::moved: return "moved";
    }
    return "moved";
}

Result<void> in_order(const PlanDiffAsked& asked) {
    const Date first = asked.from ? *asked.from : utc_date(asked.now) - date::days{1};
    if (!asked.to || first <= *asked.to) return {};
    if (asked.from)
        return fail(Error::Kind::usage,
                    fmt::format("--from {} is after --to {}", to_string(*asked.from), to_string(*asked.to)),
                    "write the earlier date after --from");
    return fail(Error::Kind::usage, fmt::format("--to {} has passed", to_string(*asked.to)),
                "write --from too, for dates that were");
}

Date last_date(const PlanDiffAsked& asked) {
    const Range range{asked};
    return range.to ? *range.to : utc_date(range.until);
}

Result<void> diff_plans(const Plan& before, const Plan& after, const PlanDiffAsked& asked,
                        const std::function<void(const FireChange&)>& tell) {
    const Range range{asked};
    for (const std::string& name : names_of(before, after)) {
        const Job* old_job = find(before, name);
        const Job* new_job = find(after, name);
        if (fire_alike(old_job, before, new_job, after, asked.same_calendars)) continue;
        const Fires was{schedule_of(old_job), before.calendars.get()};
        const Fires is{schedule_of(new_job), after.calendars.get()};
        const Seconds reach = pair_reach(was, is);
        auto told = each_fire_pair(was, is, range.first(reach), range.last(reach), [&](const FirePair& pair) {
            auto change = change_of(pair, range);
            if (!change) return;
            change->before = old_job;
            change->after = new_job;
            tell(*change);
        });
        if (!told) return told;
    }
    return {};
}

std::vector<std::string> horizons(const Plan& before, const Plan& after, const PlanDiffAsked& asked) {
    const Date first = asked.from ? *asked.from : utc_date(asked.now), last = last_date(asked);
    std::set<std::string> sentences;
    for (const Plan* plan : {&before, &after})
        for (const auto& [name, job] : plan->jobs) {
            if (!job.enabled) continue;
            for (const std::string& word : calendars_named(job.schedule)) {
                const auto calendar = plan->calendars->find(word);
                if (!calendar) continue;
                const Coverage coverage = (*calendar)->coverage();
                if (coverage.to < last)
                    sentences.insert(fmt::format("{} is known to {}", (*calendar)->name(), to_string(coverage.to)));
                if (first < coverage.from)
                    sentences.insert(fmt::format("{} is known from {}", (*calendar)->name(), to_string(coverage.from)));
            }
        }
    return {sentences.begin(), sentences.end()};
}

}  // namespace mc
