#include "explain/plan_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "config/job_parts.h"
#include "config/order.h"
#include "engine/forecast.h"
#include "engine/no_ledger.h"
#include "schedule/fire_pairs.h"
#include "schedule/reach.h"

namespace mc {
namespace {

constexpr date::days diff_ahead{400};

Instant midnight_utc(Date date) { return Instant{date.time_since_epoch()}; }
Date utc_date(Instant t) { return Date{date::floor<date::days>(t).time_since_epoch()}; }

// The range of the comparison: by logical date if dates are given, else by instant.
struct Range {
    explicit Range(const PlanDiffAsked& asked, date::days off = {})
        : now(asked.now), from(asked.from), to(asked.to), until(asked.now + diff_ahead), days_off(off) {
        if (from && !to) to = *from + diff_ahead - date::days{1};
    }
    bool is_over(const Fire& fire) const { return !from && fire.due <= now; }
    bool holds(const Fire& fire) const {
        if (from ? fire.logical_date < *from : is_over(fire)) return false;
        return to ? fire.logical_date <= *to : fire.due <= until;
    }
    // All logical dates of fires in the range are between these.
    Date first_date() const { return from ? *from : utc_date(now) - days_off; }
    Date last_date() const { return to ? *to : utc_date(until) + days_off; }
    // All fires in the range, and the fires that they are paired with, are due between these.
    Instant first(Seconds reach) const { return (from ? midnight_utc(*from) - reach : now) - reach; }
    Instant last(Seconds reach) const { return (to ? midnight_utc(*to) + reach : until) + reach; }

    Instant now;
    std::optional<Date> from, to;
    Instant until;
    date::days days_off;  // the largest distance between a fire and its logical date
};

// The largest days_off() of jobs with downstream jobs.
date::days days_off_at_most(const Plan& plan) {
    date::days most{0};
    for (const auto& [name, job] : plan.jobs) {
        if (job.has_schedule() || !job.after) continue;
        for (const Upstream& upstream : job.after->upstreams)
            if (const auto before = plan.jobs.find(upstream.job); before != plan.jobs.end())
                most = std::max(most, days_off(before->second.schedule, *plan.calendars));
    }
    return most;
}

// The future fires of one job that already have a run.
class HadRun {
   public:
    // Null: no fire has a run.
    HadRun(Past* past, const Job& job) : past_(past), job_(job) {
        constexpr date::days ever{2'932'896};  // 9999-12-31
        const auto newest = past ? past->newest_before(job.name, Date{ever}, Instant{ever}) : std::nullopt;
        if (newest) newest_ = newest->logical_date;
    }
    // A short cut: nearly all fires have later dates than any row.
    bool operator()(const Fire& fire) const {
        return newest_ && fire.logical_date <= *newest_ && has_run(job_, fire, *past_);
    }

   private:
    Past* past_;
    const Job& job_;
    std::optional<Date> newest_;
};

// The change that the pair means within the range; nullopt: none.
std::optional<FireChange> change_of(FirePair pair, const Range& range, const HadRun& had_run) {
    FireChange change;
    if (pair.one_run && had_run(*pair.before)) return std::nullopt;
    if (pair.before && had_run(*pair.before)) pair.before.reset();
    if (pair.after && had_run(*pair.after)) pair.after.reset();
    const bool was = pair.before && range.holds(*pair.before), is = pair.after && range.holds(*pair.after);
    if (!was && !is) return std::nullopt;
    if (pair.before && pair.after && range.is_over(*pair.before)) {
        if (pair.one_run) return std::nullopt;  // it already has its run
        pair.before.reset();
    } else if (pair.before && pair.after && range.is_over(*pair.after)) {
        pair.after.reset();
    }
    change.change = !pair.before ? Change::added : !pair.after ? Change::dropped : Change::moved;
    change.old_fire = std::move(pair.before);
    change.fire = std::move(pair.after);
    return change;
}

const Job* find(const Plan& plan, const JobName& name) {
    const auto found = plan.jobs.find(name);
    return found == plan.jobs.end() ? nullptr : &found->second;
}

std::set<JobName> names_of(const Plan& before, const Plan& after) {
    std::set<JobName> names;
    for (const Plan* plan : {&before, &after})
        for (const auto& [name, job] : plan->jobs) names.insert(name);
    return names;
}

const JobSchedule* schedule_of(const Job* job) { return job && job->enabled ? &job->schedule : nullptr; }

bool goes_by_others(const Job* job) { return job && job->enabled && !job->has_schedule(); }

// One job in both plans.
struct Both {
    const Job* before = nullptr;
    const Job* after = nullptr;
};

class Comparison {
   public:
    Comparison(const Plan& before, const Plan& after, const PlanDiffAsked& asked, Past* past)
        : before_(before),
          after_(after),
          same_calendars_(asked.same_calendars),
          past_(past),
          range_(asked, std::max(days_off_at_most(before), days_off_at_most(after))),
          dates_before_(before, range_.first_date(), range_.last_date()),
          dates_after_(after, range_.first_date(), range_.last_date()) {}

    using Tell = std::function<void(const FireChange&)>;
    Result<void> compare(const JobName& name, const Tell& tell) {
        const Both job{find(before_, name), find(after_, name)};
        if (fire_alike(name)) return {};
        const HadRun had_run(past_, job.after ? *job.after : *job.before);
        const auto take = [&](FirePair pair) {
            auto change = change_of(std::move(pair), range_, had_run);
            if (!change || (past_ && past_->failure())) return;
            change->before = job.before;
            change->after = job.after;
            tell(*change);
        };
        if (goes_by_others(job.before) || goes_by_others(job.after)) return compare_dates(job, take);
        return compare_streams({schedule_of(job.before), before_.calendars.get()},
                               {schedule_of(job.after), after_.calendars.get()}, take);
    }

   private:
    using FiresByDate = std::map<Date, Fire>;

    Result<void> compare_streams(const Fires& was, const Fires& is, const std::function<void(const FirePair&)>& take) {
        const Seconds reach = pair_reach(was, is);
        return each_fire_pair(was, is, range_.first(reach), range_.last(reach), take);
    }

    // If one side has a schedule, its fires differ from the other side's only if they are due at another instant.
    Result<void> compare_dates(const Both& job, const std::function<void(FirePair)>& take) {
        auto was = by_dates(job.before, before_, dates_before_);
        auto is = by_dates(job.after, after_, dates_after_);
        if (!was) return tl::unexpected(was.error());
        if (!is) return tl::unexpected(is.error());
        if (auto told = stream_against(job.before, before_, true, *is, take); !told) return told;
        if (auto told = stream_against(job.after, after_, false, *was, take); !told) return told;
        pair_by_dates(*was, *is, take);
        return {};
    }

    Result<void> stream_against(const Job* job, const Plan& plan, bool is_old, FiresByDate& others,
                                const std::function<void(FirePair)>& take) {
        if (!job || !job->enabled || !job->has_schedule()) return {};
        const Fires fires{&job->schedule, plan.calendars.get()};
        return compare_streams(is_old ? fires : Fires{}, is_old ? Fires{} : fires, [&](const FirePair& pair) {
            const Fire& fire = is_old ? *pair.before : *pair.after;
            const auto same = others.find(fire.logical_date);
            if (same != others.end() && same->second.due == fire.due) others.erase(same);
            else take(pair);
        });
    }

    static void pair_by_dates(const FiresByDate& was, FiresByDate is, const std::function<void(FirePair)>& take) {
        for (const auto& [date, fire] : was) {
            const auto now = is.extract(date);
            if (now.empty()) take({fire, {}, false});
            else if (now.mapped().due != fire.due) take({fire, now.mapped(), true});
        }
        for (const auto& [date, fire] : is) take({{}, fire, false});
    }

    // The fires of a job without a schedule; empty for any other job.
    static Result<FiresByDate> by_dates(const Job* job, const Plan& plan, PlannedDates& dates) {
        FiresByDate fires;
        if (!goes_by_others(job)) return fires;
        const auto spans = dates.of(*job);
        if (!spans) return tl::unexpected(spans.error());
        const auto& when = job->schedule.when;
        for (const auto& [date, span] : *spans) {
            if (!span.known) break;
            const auto holds = when ? when->holds({date, date, {}}, *plan.calendars, job->schedule.calendar) : true;
            if (holds && *holds) fires.emplace(date, fire_of_date(*job, date, span.last, *plan.calendars));
        }
        return fires;
    }

    bool fire_alike(const JobName& name) {
        if (const auto known = alike_.find(name); known != alike_.end()) return known->second;
        const Job* was = find(before_, name);
        const Job* is = find(after_, name);
        alike_[name] = true;  // set first: jobs in a cycle through @previous ask again
        return alike_[name] = are_alike(was && was->enabled ? was : nullptr, is && is->enabled ? is : nullptr);
    }

    bool are_alike(const Job* was, const Job* is) {
        if (!was || !is) return was == is;
        if (was->has_schedule() != is->has_schedule()) return false;
        if (!same_calendars_ && !calendars_named(is->schedule).empty()) return false;
        if (schedule_text(*was, before_) != schedule_text(*is, after_)) return false;
        if (was->has_schedule() || !was->after || !is->after) return true;
        if (was->after->upstreams != is->after->upstreams) return false;
        const auto is_alike = [&](const Upstream& upstream) { return upstream.previous || fire_alike(upstream.job); };
        return std::all_of(is->after->upstreams.begin(), is->after->upstreams.end(), is_alike);
    }

    const Plan& before_;
    const Plan& after_;
    bool same_calendars_;
    Past* past_;
    Range range_;
    PlannedDates dates_before_, dates_after_;
    std::map<JobName, bool> alike_;
};

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
    return fail(Error::Kind::usage, fmt::format("--to {} is in the past", to_string(*asked.to)),
                "write --from too, for past dates");
}

Date last_date(const PlanDiffAsked& asked) {
    const Range range{asked};
    return range.to ? *range.to : utc_date(range.until);
}

Result<void> diff_plans(const Plan& before, const Plan& after, const PlanDiffAsked& asked,
                        const std::function<void(const FireChange&)>& tell) {
    const NoLedger nothing;
    const Ledger* ledger = asked.from ? nullptr : asked.ledger;
    return asking(ledger ? *ledger : nothing, [&](Past& past) -> Result<void> {
        Comparison comparison(before, after, asked, ledger ? &past : nullptr);
        for (const JobName& name : names_of(before, after)) {
            if (auto told = comparison.compare(name, tell); !told) return told;
            if (past.failure()) break;
        }
        return {};
    });
}

std::vector<std::string> horizons(const Plan& before, const Plan& after, const PlanDiffAsked& asked) {
    const Date first = asked.from ? *asked.from : utc_date(asked.now), last = last_date(asked);
    std::set<std::string> sentences;
    for (const Plan* plan : {&before, &after})
        for (const auto& [name, job] : plan->jobs) {
            if (!job.enabled) continue;
            for (const CalendarName& word : calendars_named(job.schedule)) {
                const auto calendar = plan->calendars->find(word);
                if (!calendar) continue;
                const Coverage coverage = (*calendar)->coverage();
                if (coverage.to < last)
                    sentences.insert(
                        fmt::format("{} covers dates up to {}", (*calendar)->name(), to_string(coverage.to)));
                if (first < coverage.from)
                    sentences.insert(
                        fmt::format("{} covers dates from {}", (*calendar)->name(), to_string(coverage.from)));
            }
        }
    return {sentences.begin(), sentences.end()};
}

}  // namespace mc
