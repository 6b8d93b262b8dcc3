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

using DueByDate = std::map<Date, Instant>;

// When each date's latest fire is due, of any job; what has been found is kept.
class LatestFires {
   public:
    LatestFires(const Plan& plan, Date from, Date to) : plan_(plan), from_(from), to_(to) {}

    Result<DueByDate> of(const Job& job) {
        if (const auto known = known_.find(job.name); known != known_.end()) return known->second;
        DueByDate due;
        const auto add = [&](Date date, Instant at) {
            const auto [found, is_new] = due.try_emplace(date, at);
            if (!is_new) found->second = std::max(found->second, at);
        };
        if (!job.enabled) return due;
        if (job.has_schedule()) {
            const auto fires = fires_for_dates(job.schedule, *plan_.calendars, from_, to_);
            if (!fires) return tl::unexpected(fires.error());
            for (const Fire& fire : *fires) add(fire.logical_date, fire.due);
        } else if (job.after) {
            for (const Upstream& upstream : job.after->upstreams) {
                const auto before = plan_.jobs.find(upstream.job);
                if (upstream.previous || before == plan_.jobs.end()) continue;
                const auto theirs = of(before->second);
                if (!theirs) return theirs;
                for (const auto& [date, at] : *theirs) add(date, at);
            }
        }
        known_.emplace(job.name, due);
        return due;
    }

   private:
    const Plan& plan_;
    Date from_, to_;
    std::map<std::string, DueByDate> known_;
};

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
    const auto due = LatestFires(plan, from, to).of(job);
    if (!due) return tl::unexpected(due.error());
    std::vector<Fire> fires;
    for (const auto& [date, at] : *due) fires.push_back(fire_of_date(job, date, at, *plan.calendars));
    std::sort(fires.begin(), fires.end());
    return fires;
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
