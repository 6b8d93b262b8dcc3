#include "config/order.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/suggest.h"

namespace mc {

namespace {

// Follows `after` through the jobs, each looked at once.
class Circles {
   public:
    Circles(const std::map<std::string, Job>& jobs, const OrderPlaces& places, Problems& problems)
        : jobs_(jobs), places_(places), problems_(problems) {}

    void look() {
        for (const auto& [name, job] : jobs_)
            if (job.after) follow(job);
    }

   private:
    enum class Mark { unseen, on_the_way, done };

    void follow(const Job& job) {
        Mark& mark = marks_[job.name];
        if (mark != Mark::unseen) return;
        mark = Mark::on_the_way;
        way_.push_back(job.name);
        for (std::size_t i = 0; job.after && i < job.after->upstreams.size(); ++i) {
            const Upstream& upstream = job.after->upstreams[i];
            const auto before = jobs_.find(upstream.job);
            if (upstream.previous || before == jobs_.end()) continue;
            if (marks_[upstream.job] == Mark::on_the_way) tell(upstream.job, places_.at(job.name)[i]);
            else follow(before->second);
        }
        way_.pop_back();
        marks_[job.name] = Mark::done;
    }

    void tell(const std::string& again, const Spot& spot) {
        std::string circle;
        for (auto at = std::find(way_.begin(), way_.end(), again); at != way_.end(); ++at)
            circle +=
                circle.empty() ? fmt::format("\"{}\" waits for ", *at) : fmt::format("\"{}\", which waits for ", *at);
        problems_.report(spot, fmt::format("{}\"{}\": none of them can ever start", circle, again),
                         fmt::format("take one out, or write \"{}@previous\"", again));
    }

    const std::map<std::string, Job>& jobs_;
    const OrderPlaces& places_;
    Problems& problems_;
    std::map<std::string, Mark> marks_;
    std::vector<std::string> way_;
};

using DueByDate = std::map<Date, DueSpan>;

void add(DueByDate& due, Date date, const DueSpan& span) {
    const auto [found, is_new] = due.try_emplace(date, span);
    if (is_new) return;
    found->second.first = std::min(found->second.first, span.first);
    found->second.last = std::max(found->second.last, span.last);
}

}  // namespace

void check_order(const std::map<std::string, Job>& jobs, const OrderPlaces& places, Problems& problems) {
    std::vector<std::string> names;
    for (const auto& [name, job] : jobs) {
        if (!job.after) continue;
        for (std::size_t i = 0; i < job.after->upstreams.size(); ++i) {
            const std::string& upstream = job.after->upstreams[i].job;
            if (jobs.contains(upstream)) continue;
            if (names.empty())
                for (const auto& [known, unused] : jobs) names.push_back(known);
            problems.report(places.at(name)[i], fmt::format("`after` names \"{}\", which is no job", upstream),
                            did_you_mean(upstream, names));
        }
    }
    Circles(jobs, places, problems).look();
}

Result<DueByDate> PlannedDates::of(const Job& job) {
    if (const auto known = known_.find(job.name); known != known_.end()) return known->second;
    DueByDate due;
    if (!job.enabled) return due;
    if (job.has_schedule()) {
        if (auto done = add_own(job, due); !done) return tl::unexpected(done.error());
    } else if (job.after) {
        for (const Upstream& upstream : job.after->upstreams) {
            const auto before = plan_.jobs.find(upstream.job);
            if (upstream.previous || before == plan_.jobs.end()) continue;
            const auto theirs = of(before->second);
            if (!theirs) return theirs;
            for (const auto& [date, span] : *theirs) add(due, date, span);
        }
    }
    known_.emplace(job.name, due);
    return due;
}

// Few dates are looked at together, so that a job of every second does not fill the memory.
Result<void> PlannedDates::add_own(const Job& job, DueByDate& due) {
    constexpr date::days dense{1}, sparse{50};
    constexpr std::size_t many_a_day = 200;
    std::size_t count = 0;
    date::days step = dense;
    for (Date date = from_, last; date <= to_; date = last + date::days{1}) {
        last = std::min(to_, date + step - date::days{1});
        const auto fires = fires_for_dates(job.schedule, *plan_.calendars, date, last);
        if (!fires) return tl::unexpected(fires.error());
        for (const Fire& fire : *fires) add(due, fire.logical_date, {fire.due, fire.due});
        count += fires->size();
        if (count > fires_max_) to_ = last;
        if (fires->size() <= many_a_day) step = sparse;
    }
    return {};
}

Fire fire_of_date(const Job& job, Date date, Instant due, const CalendarSet& calendars) {
    Fire fire;
    fire.due = due;
    fire.key = "date " + to_string(date);
    fire.date = fire.logical_date = date;
    if (job.schedule.calendar.empty() || job.schedule.run_for.kind == RunFor::Kind::date) return fire;
    if (const auto calendar = calendars.find(job.schedule.calendar))
        if (const auto session = (*calendar)->nth_from(date, 0); session && *session) fire.session = date;
    return fire;
}

Result<std::vector<Fire>> planned_fires(const Job& job, const Plan& plan, Date from, Date to) {
    if (job.has_schedule()) return fires_for_dates(job.schedule, *plan.calendars, from, to);
    const auto due = PlannedDates(plan, from, to).of(job);
    if (!due) return tl::unexpected(due.error());
    std::vector<Fire> fires;
    for (const auto& [date, span] : *due) fires.push_back(fire_of_date(job, date, span.last, *plan.calendars));
    std::sort(fires.begin(), fires.end());
    return fires;
}

Result<std::map<Date, DueSpan>> planned_dates(const Job& job, const Plan& plan, Date from, Date to,
                                              std::size_t fires_max) {
    PlannedDates dates(plan, from, to, fires_max);
    auto due = dates.of(job);
    if (due) due->erase(due->upper_bound(dates.reached()), due->end());
    return due;
}

std::map<std::string, std::vector<const Job*>> dependents_of(const Plan& plan) {
    std::map<std::string, std::vector<const Job*>> dependents;
    for (const auto& [name, job] : plan.jobs) {
        if (!job.after) continue;
        for (const Upstream& upstream : job.after->upstreams) {
            std::vector<const Job*>& theirs = dependents[upstream.job];
            if (theirs.empty() || theirs.back() != &job) theirs.push_back(&job);
        }
    }
    return dependents;
}

}  // namespace mc
