#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/suggest.h"
#include "config/order.h"
#include "engine/clear.h"
#include "engine/upstream.h"

namespace mc {

namespace {

// Collects the downstream runs of runs, each once.
class Chain {
   public:
    // Dates before `asked.from` are not read: downstream runs have the same date or later dates.
    Chain(const Plan& plan, Past& past, const ClearAsked& asked)
        : plan_(plan),
          past_(past),
          from_(asked.from),
          downstream_(asked.downstream),
          runs_max_(asked.runs_max),
          dependents_(dependents_of(plan)) {
        for (const auto& [name, job] : plan.jobs)
            if (job.wait)
                for (const Sensor& sensor : *job.wait)
                    if (const auto* other = std::get_if<JobSensor>(&sensor.kind))
                        waiters_[other->job].emplace_back(&job, other->previous);
    }

    void add(const Run& run, bool asked) {
        if (!ids_.insert(run.id).second) return;
        if (!seen_by_others(run)) {
            if (asked && !finished(run.state)) items.push_back({run, asked, false, by_hand(run)});
            return;
        }
        const bool may_run = run.fires == 1 && is_planned(run.job);
        const bool is_reset = !finished(run.state) || (may_run && (asked || downstream_));
        if (asked || is_reset) items.push_back({run, asked, is_reset, why(run)});
        // A run that has ended is not cleared, but its downstream runs may still be active.
        if (run.fires == 1) on_the_way_.push_back(run);
    }

    // The loop also visits the runs that it adds.
    void follow() {
        for (std::size_t i = 0; i < on_the_way_.size() && on_the_way_.size() <= runs_max_; ++i) {
            const Run run = on_the_way_[i];
            if (const auto after = dependents_.find(run.job); after != dependents_.end())
                for (const Job* job : after->second) add_those_after(*job, run);
            for (const auto& [job, previous] : waiters_[run.job]) {
                if (previous) add_next_dates(*job, run);
                else add_date(*job, run.logical_date);
            }
            const auto own = plan_.jobs.find(run.job);
            if (own != plan_.jobs.end() && own->second.depends_on_past) add_next_dates(own->second, run);
        }
    }

    bool is_too_long() const { return std::max(items.size(), on_the_way_.size()) > runs_max_; }

    std::vector<ClearItem> items;

   private:
    bool is_planned(const JobName& job) const {
        const auto found = plan_.jobs.find(job);
        return found != plan_.jobs.end() && found->second.enabled;
    }

    static std::string by_hand(const Run& run) {
        return fmt::format("was started by hand and is {}: not cleared; `marketcron stop {}` ends it",
                           to_text(run.state), run.id);
    }

    std::string why(const Run& run) const {
        if (finished(run.state) && !is_planned(run.job))
            return fmt::format("was {}, and its job is disabled: not cleared", to_text(run.state));
        if (run.fires > 1) return fmt::format("covers {} fires: not cleared; run them with `backfill`", run.fires);
        const std::string then = by_when(run) ? "; when_false: it ends as skipped" : "";
        if (run.state == State::running) return "is running: it is stopped first" + then;
        return fmt::format("{} {}{}", finished(run.state) ? "was" : "is", to_text(run.state), then);
    }

    bool by_when(const Run& run) const {
        const auto job = plan_.jobs.find(run.job);
        return job != plan_.jobs.end() && !when_holds(job->second, *plan_.calendars, run.logical_date).value_or(true);
    }

    void add_those_after(const Job& job, const Run& run) {
        for (const Upstream& upstream : job.after->upstreams) {
            if (upstream.job != run.job) continue;
            if (upstream.previous) add_next_dates(job, run);
            else add_date(job, run.logical_date);
        }
    }

    void add_date(const Job& job, Date date) {
        for (const Run& one : past_.by_date(job.name, date)) add(one, false);
    }

    // Adds the job's runs whose newest earlier date of run.job is the run's date: all dates after it, up to and
    // including the next date of run.job.
    void add_next_dates(const Job& job, const Run& run) {
        const std::vector<Date>& theirs = dates_of(run.job);
        const auto next = std::upper_bound(theirs.begin(), theirs.end(), run.logical_date);
        const std::vector<Date>& dates = dates_of(job.name);
        for (auto date = std::upper_bound(dates.begin(), dates.end(), run.logical_date); date != dates.end(); ++date) {
            if (next != theirs.end() && *date > *next) return;
            add_date(job, *date);
        }
    }

    // The dates for which the ledger has runs of the job, in order.
    const std::vector<Date>& dates_of(const JobName& job) {
        const auto [known, is_new] = dates_.try_emplace(job);
        std::vector<Date>& dates = known->second;
        if (!is_new) return dates;
        constexpr Date end_of_days{date::days{2'932'897}};  // 10000-01-01
        for (Date before = end_of_days;;) {
            const auto run = past_.newest_before(job, before, Instant{end_of_days.time_since_epoch()});
            if (!run || run->logical_date < from_) break;
            dates.push_back(run->logical_date);
            before = run->logical_date;
        }
        std::reverse(dates.begin(), dates.end());
        return dates;
    }

    const Plan& plan_;
    Past& past_;
    Date from_;
    bool downstream_;
    std::size_t runs_max_;
    std::map<JobName, std::vector<Date>> dates_;
    std::map<JobName, std::vector<const Job*>, std::less<>> dependents_;
    std::map<JobName, std::vector<std::pair<const Job*, bool>>>
        waiters_;  // jobs with a sensor on the job; true: on its previous date
    std::vector<Run> on_the_way_;
    std::set<RunId> ids_;
};

}  // namespace

Result<std::vector<ClearItem>> plan_clear(const Plan& plan, Past& past, const ClearAsked& asked) {
    if (asked.to < asked.from)
        return fail(Error::Kind::usage,
                    fmt::format("--from {} is after --to {}", to_string(asked.from), to_string(asked.to)),
                    "write the earlier date after --from");
    if (asked.to - asked.from > asked_days_max)
        return fail(Error::Kind::usage, fmt::format("more than {} days in one clear", asked_days_max.count()),
                    "use a shorter range of dates");
    Chain chain(plan, past, asked);
    const auto too_many = [&asked] {
        return fail(Error::Kind::usage, fmt::format("more than {} runs in one clear", asked.runs_max),
                    "use a shorter range of dates");
    };
    for (const JobName& name : std::set<JobName>(asked.jobs.begin(), asked.jobs.end())) {
        if (!plan.jobs.contains(name)) {
            std::vector<std::string> names;
            for (const auto& [known, unused] : plan.jobs) names.push_back(known);
            return fail(Error::Kind::usage, fmt::format("unknown job {}", name), did_you_mean(name, names));
        }
        for (Date date = asked.from; date <= asked.to; date += date::days{1}) {
            for (const Run& run : past.by_date(name, date)) chain.add(run, true);
            if (chain.is_too_long()) return too_many();
        }
    }
    chain.follow();
    if (chain.is_too_long()) return too_many();
    std::stable_sort(chain.items.begin(), chain.items.end(), [](const ClearItem& a, const ClearItem& b) {
        return std::pair{a.run.fire, a.run.id} < std::pair{b.run.fire, b.run.id};
    });
    return std::move(chain.items);
}

}  // namespace mc
