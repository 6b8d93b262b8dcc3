#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/suggest.h"
#include "config/order.h"
#include "engine/backfill.h"

namespace mc {

namespace {

bool rerun_wanted(const Run& row, BackfillAsked::Rerun rerun) {
    if (row.state == State::missed || row.reason == Reason::calendar_ended) return true;
    switch (rerun) {
        case BackfillAsked::Rerun::none: return false;
        case BackfillAsked::Rerun::failed: return row.state != State::success && row.state != State::skipped;
        case BackfillAsked::Rerun::all: return true;
    }
    return false;
}

BackfillItem judge(const JobName& job, const Fire& fire, Past& past, BackfillAsked::Rerun rerun, Instant now) {
    BackfillItem item{job, fire, past.by_key(job, fire.key), false, Reason::none, {}, {}};
    const auto shared = item.before ? std::nullopt : past.spanning(job, fire.due);
    if (fire.due > now) {
        item.why = "is not due yet";
    } else if (shared) {
        item.chosen = rerun_wanted(*shared, rerun);
        const int others = shared->fires - 1;
        item.why = fmt::format("was {}, in one row with {} other fire{}", to_text(shared->state), others,
                               others == 1 ? "" : "s");
    } else if (!item.before) {
        item.chosen = true;
        item.why = "has no row";
    } else if (item.before->clearing != 0) {
        item.why = fmt::format("is being cleared, as run {}", item.before->id);
    } else if (!finished(item.before->state)) {
        item.why = fmt::format("is already {} as run {}", to_text(item.before->state), item.before->id);
    } else {
        item.chosen = rerun_wanted(*item.before, rerun);
        item.why = fmt::format("was {}", to_text(item.before->state));
    }
    return item;
}

void skip(BackfillItem& item, Reason reason, ReasonData facts, std::string why) {
    item.chosen = false;
    item.skipped = reason;
    item.facts = std::move(facts);
    item.why = std::move(why);
}

// If `when` is false, a backfill does not run the fire either. If `when` cannot be evaluated, the fire is chosen, and
// its run reports the error.
void ask_when(BackfillItem& item, const Job& job, const Plan& plan) {
    const Date date = item.fire.logical_date;
    if (!item.chosen || when_holds(job, *plan.calendars, date).value_or(true)) return;
    const bool is_so = item.before && item.before->reason == Reason::when_false;
    skip(item, is_so ? Reason::none : Reason::when_false, PredicateFalse{job.schedule.when->text()},
         fmt::format("when_false: `{}` is false on {}", job.schedule.when->text(), to_string(date)));
}

// The newest logical date that is due now: the only one that `latest_only` runs.
Date newest_due(const Job& job, const Plan& plan, Date from, Instant now) {
    Date newest = from;
    const Date today = date_of(job.schedule.zone->to_wall(now));
    if (const auto fires = planned_fires(job, plan, from, std::max(from, today)))
        for (const Fire& fire : *fires)
            if (fire.due <= now && when_holds(job, *plan.calendars, fire.logical_date).value_or(true))
                newest = std::max(newest, fire.logical_date);
    return newest;
}

bool counts_without_run(const Job& job, Past& past) {
    const auto record = past.record_of(job.name);
    return !job.enabled || (record && record->iced());
}

std::string more_dates(std::size_t count) {
    return count == 0 ? "" : fmt::format(" and {} more date{}", count, count == 1 ? "" : "s");
}

// "upstream job prices has a fire for 2026-11-20 and 3 more dates, and no row"
Error untold(const std::map<JobName, std::set<Date>>& missing, const Plan& plan) {
    std::string text;
    for (const auto& [job, dates] : missing)
        text += fmt::format("{}upstream job {} has a fire for {}{}, and no row", text.empty() ? "" : "; ",
                            plan.title(job), to_string(*dates.begin()), more_dates(dates.size() - 1));
    return {
        Error::Kind::refused, text, "add --upstream to run it too, or --assume-upstream to treat it as successful", {}};
}

// Works in steps of a few dates, so that a range with millions of fires is refused early: the daemon does nothing else
// meanwhile.
Result<std::vector<Fire>> fires_of(const Job& job, const Plan& plan, const BackfillAsked& asked, std::size_t most) {
    constexpr date::days step{30};
    std::vector<Fire> all;
    for (Date from = asked.from, last; from <= asked.to; from = last + date::days{1}) {
        last = std::min(asked.to, from + step - date::days{1});
        auto fires = planned_fires(job, plan, from, last);
        if (!fires) return fires;
        all.insert(all.end(), std::make_move_iterator(fires->begin()), std::make_move_iterator(fires->end()));
        if (all.size() > most)
            return fail(Error::Kind::usage, fmt::format("more than {} fires in one backfill", asked.fires_max),
                        "use a shorter range of dates");
    }
    std::sort(all.begin(), all.end());
    return all;
}

// By key: when the job's fires for those dates are due without jitter, which a backfill does not apply. Empty if
// nothing has jitter.
std::map<FireKey, Instant> due_without_jitter(const Job& job, const Plan& plan, Date from, Date to) {
    std::map<FireKey, Instant> due;
    const auto has_jitter = [](const auto& named) { return named.second.schedule.jitter > Seconds{0}; };
    if (job.has_schedule() || std::none_of(plan.jobs.begin(), plan.jobs.end(), has_jitter)) return due;
    Plan plain = plan;
    for (auto& [name, one] : plain.jobs) one.schedule.jitter = Seconds{0};
    if (const auto fires = planned_fires(plain.jobs.at(job.name), plain, from, to))
        for (const Fire& fire : *fires) due.emplace(fire.key, fire.due);
    return due;
}

void take_jitter_away(BackfillItem& item, const Job& job, const std::map<FireKey, Instant>& due) {
    item.fire.due -= jitter_of(job.schedule, item.fire.key);
    if (const auto plain = due.find(item.fire.key); plain != due.end()) item.fire.due = plain->second;
}

// The loop also visits the items that it adds: the upstream jobs of upstream jobs.
Result<void> look_upstream(std::vector<BackfillItem>& items, const Plan& plan, Past& past, const BackfillAsked& asked,
                           Instant now) {
    using Upstreams = BackfillAsked::Upstreams;
    std::set<std::pair<JobName, Date>> seen;
    for (const BackfillItem& item : items) seen.emplace(item.job, item.fire.logical_date);
    std::map<JobName, std::set<Date>> missing;
    for (std::size_t i = 0; i < items.size() && asked.upstreams != Upstreams::assumed; ++i) {
        const Job& job = plan.jobs.at(items[i].job);
        const Date date = items[i].fire.logical_date;
        if (!items[i].chosen || !job.after) continue;
        for (const Upstream& upstream : job.after->upstreams) {
            const Job& before = plan.jobs.at(upstream.job);
            if (upstream.previous || !seen.emplace(upstream.job, date).second) continue;
            if (counts_without_run(before, past)) continue;
            const auto fires = planned_fires(before, plan, date, date);
            if (!fires) return tl::unexpected(fires.error());
            for (const Fire& fire : *fires) {
                BackfillItem item = judge(before.name, fire, past, BackfillAsked::Rerun::none, now);
                if (!item.chosen || item.before || past.spanning(before.name, fire.due)) continue;
                ask_when(item, before, plan);
                take_jitter_away(item, before, due_without_jitter(before, plan, date, date));
                if (asked.upstreams == Upstreams::run) items.push_back(std::move(item));
                else if (item.chosen) missing[before.name].insert(date);
            }
        }
    }
    if (!missing.empty()) return tl::unexpected(untold(missing, plan));
    return {};
}

}  // namespace

Result<std::vector<BackfillItem>> plan_backfill(const Plan& plan, Past& past, const BackfillAsked& asked, Instant now) {
    if (asked.to < asked.from)
        return fail(Error::Kind::usage,
                    fmt::format("--from {} is after --to {}", to_string(asked.from), to_string(asked.to)),
                    "write the earlier date after --from");
    if (asked.to - asked.from > asked_days_max)
        return fail(Error::Kind::usage, fmt::format("more than {} days in one backfill", asked_days_max.count()),
                    "use a shorter range of dates");
    std::vector<BackfillItem> items;
    for (const JobName& name : std::set<JobName>(asked.jobs.begin(), asked.jobs.end())) {
        const auto job = plan.jobs.find(name);
        if (job == plan.jobs.end()) {
            std::vector<std::string> names;
            for (const auto& [known, unused] : plan.jobs) names.push_back(known);
            return fail(Error::Kind::usage, fmt::format("unknown job {}", name), did_you_mean(name, names));
        }
        auto fires = fires_of(job->second, plan, asked, asked.fires_max - items.size());
        if (!fires) return tl::unexpected(fires.error());
        const std::size_t first = items.size();
        const auto plain = due_without_jitter(job->second, plan, asked.from, asked.to);
        for (const Fire& fire : *fires) {
            if (fire.calendar_ended)
                return fail(Error::Kind::calendar, fmt::format("{}: {}", name, fire.note),
                            fire.due <= now ? "choose a later --from" : "choose an earlier --to");
            items.push_back(judge(name, fire, past, asked.rerun, now));
            ask_when(items.back(), job->second, plan);
            take_jitter_away(items.back(), job->second, plain);
        }
        if (!job->second.latest_only) continue;
        const Date newest = newest_due(job->second, plan, asked.from, now);
        for (std::size_t i = first; i < items.size(); ++i)
            if (items[i].chosen && items[i].fire.logical_date < newest) {
                skip(items[i], Reason::latest_only, NewerDate{newest},
                     fmt::format("latest_only: {} is newer", to_string(newest)));
            }
    }
    if (auto done = look_upstream(items, plan, past, asked, now); !done) return tl::unexpected(done.error());
    std::stable_sort(items.begin(), items.end(),
                     [](const BackfillItem& a, const BackfillItem& b) { return a.fire.due < b.fire.due; });
    return items;
}

}  // namespace mc
