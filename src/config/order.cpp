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
            if (job.after || job.wait) follow(job);
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
        for (std::size_t i = 0; job.wait && i < job.wait->size(); ++i) {
            const auto* sensor = std::get_if<JobSensor>(&(*job.wait)[i].kind);
            const auto before = sensor ? jobs_.find(sensor->job) : jobs_.end();
            if (before == jobs_.end() || sensor->previous) continue;
            if (marks_[sensor->job] == Mark::on_the_way) tell(sensor->job, sensor->spot);
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

// The dates' fires of any job; what has been found is kept. Few dates are looked at together, so that a job of
// every second does not fill the memory.
class DatesOf {
   public:
    DatesOf(const Plan& plan, Date from, Date to, std::size_t fires_max)
        : plan_(plan), from_(from), to_(to), fires_max_(fires_max) {}

    Result<DueByDate> of(const Job& job) {
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
    // Up to here every job in question was looked at.
    Date reached() const { return to_; }

   private:
    static void add(DueByDate& due, Date date, const DueSpan& span) {
        const auto [found, is_new] = due.try_emplace(date, span);
        if (is_new) return;
        found->second.first = std::min(found->second.first, span.first);
        found->second.last = std::max(found->second.last, span.last);
    }

    Result<void> add_own(const Job& job, DueByDate& due) {
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

    const Plan& plan_;
    Date from_, to_;
    std::size_t fires_max_;
    std::map<std::string, DueByDate> known_;
};

}  // namespace

void check_order(const std::map<std::string, Job>& jobs, const OrderPlaces& places, Problems& problems) {
    std::vector<std::string> names;
    const auto check_known = [&](const std::string& upstream, std::string_view key, const Spot& spot) {
        if (jobs.contains(upstream)) return;
        if (names.empty())
            for (const auto& [known, unused] : jobs) names.push_back(known);
        problems.report(spot, fmt::format("`{}` names \"{}\", which is no job", key, upstream),
                        did_you_mean(upstream, names));
    };
    for (const auto& [name, job] : jobs) {
        for (std::size_t i = 0; job.wait && i < job.wait->size(); ++i)
            if (const auto* sensor = std::get_if<JobSensor>(&(*job.wait)[i].kind))
                check_known(sensor->job, "wait", sensor->spot);
        for (std::size_t i = 0; job.after && i < job.after->upstreams.size(); ++i)
            check_known(job.after->upstreams[i].job, "after", places.at(name)[i]);
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
    const auto due = DatesOf(plan, from, to, SIZE_MAX).of(job);
    if (!due) return tl::unexpected(due.error());
    std::vector<Fire> fires;
    for (const auto& [date, span] : *due) fires.push_back(fire_of_date(job, date, span.last, *plan.calendars));
    std::sort(fires.begin(), fires.end());
    return fires;
}

Result<std::map<Date, DueSpan>> planned_dates(const Job& job, const Plan& plan, Date from, Date to,
                                              std::size_t fires_max) {
    DatesOf dates(plan, from, to, fires_max);
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
