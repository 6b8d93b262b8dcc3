#include "config/order.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/suggest.h"
#include "schedule/reach.h"

namespace mc {

namespace {

// A job that another job names in `key`, and how to write its previous date there.
struct Named {
    const JobName* job;
    bool previous;
    Spot spot;
    std::string_view key;
    std::string as_previous;
};

std::vector<Named> named_by(const Job& job, const OrderPlaces& places) {
    std::vector<Named> all;
    for (std::size_t i = 0; job.after && i < job.after->upstreams.size(); ++i) {
        const Upstream& upstream = job.after->upstreams[i];
        all.push_back({&upstream.job, upstream.previous, places.at(job.name)[i], "after",
                       fmt::format("\"{}@previous\"", upstream.job)});
    }
    for (std::size_t i = 0; job.wait && i < job.wait->size(); ++i)
        if (const auto* sensor = std::get_if<JobSensor>(&(*job.wait)[i].kind))
            all.push_back({&sensor->job, sensor->previous, sensor->spot, "wait",
                           fmt::format("{{ job = \"{}\", of = \"previous\" }}", sensor->job)});
    return all;
}

// Follows `after` and `wait` through the jobs, visiting each once.
class Circles {
   public:
    Circles(const Jobs& jobs, const OrderPlaces& places, Problems& problems)
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
        for (const Named& named : named_by(job, places_)) {
            const auto before = jobs_.find(*named.job);
            if (named.previous || before == jobs_.end()) continue;
            if (marks_[*named.job] == Mark::on_the_way) tell(named);
            else follow(before->second);
        }
        way_.pop_back();
        marks_[job.name] = Mark::done;
    }

    void tell(const Named& again) {
        std::string circle;
        for (auto at = std::find(way_.begin(), way_.end(), *again.job); at != way_.end(); ++at)
            circle +=
                circle.empty() ? fmt::format("\"{}\" waits for ", *at) : fmt::format("\"{}\", which waits for ", *at);
        problems_.report(again.spot, fmt::format("{}\"{}\": none of them can ever start", circle, *again.job),
                         fmt::format("remove one, or write {}", again.as_previous));
    }

    const Jobs& jobs_;
    const OrderPlaces& places_;
    Problems& problems_;
    std::map<JobName, Mark> marks_;
    std::vector<JobName> way_;
};

using DueByDate = std::map<Date, DueSpan>;

void add(DueByDate& due, Date date, const DueSpan& span) {
    const auto [found, is_new] = due.try_emplace(date, span);
    if (is_new) return;
    found->second.first = std::min(found->second.first, span.first);
    found->second.last = std::max(found->second.last, span.last);
    found->second.known = found->second.known && span.known;
    if (found->second.note.empty()) found->second.note = span.note;
}

// The largest distance between a date and its fires, by the schedules of the job or of its upstream jobs.
void widen_to(const Job& job, const Plan& plan, std::set<JobName>& seen, date::days& off) {
    if (!job.enabled || !seen.insert(job.name).second) return;
    if (job.has_schedule()) off = std::max(off, days_off(job.schedule, *plan.calendars));
    if (job.has_schedule() || !job.after) return;
    for (const Upstream& upstream : job.after->upstreams)
        if (const auto before = plan.jobs.find(upstream.job); before != plan.jobs.end() && !upstream.previous)
            widen_to(before->second, plan, seen, off);
}

}  // namespace

date::days days_off(const Job& job, const Plan& plan) {
    date::days off{0};
    std::set<JobName> seen;
    widen_to(job, plan, seen, off);
    return off;
}

void check_order(const Jobs& jobs, const OrderPlaces& places, Problems& problems) {
    std::vector<std::string> names;
    for (const auto& [name, job] : jobs)
        for (const Named& named : named_by(job, places)) {
            if (jobs.contains(*named.job)) continue;
            if (names.empty())
                for (const auto& [known, unused] : jobs) names.push_back(known);
            problems.report(named.spot, fmt::format("`{}` names \"{}\", which is not a job", named.key, *named.job),
                            did_you_mean(*named.job, names));
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
            auto theirs = of(before->second);
            if (!theirs) return theirs;
            for (const auto& [date, span] : *theirs) add(due, date, span);
        }
    }
    known_.emplace(job.name, due);
    return due;
}

// A few dates at a time, so that a job with a fire every second does not fill the memory.
Result<void> PlannedDates::add_own(const Job& job, DueByDate& due) {
    constexpr date::days one_date{1}, together{50};
    constexpr std::size_t many = 1000;
    std::size_t count = 0;
    date::days step = together;
    for (Date date = from_, last; date <= to_; date = last + one_date) {
        last = std::min(to_, date + step - one_date);
        const std::size_t limit = step > one_date ? many + 1 : SIZE_MAX;
        const auto fires = fires_for_dates(job.schedule, *plan_.calendars, date, last, limit);
        if (!fires) return tl::unexpected(fires.error());
        if (fires->size() > many && step > one_date) {
            if (job.schedule.jitter == Seconds{0}) return add_dense(job.schedule, date, due);
            step = one_date;
            last = date - one_date;
            continue;
        }
        for (const Fire& fire : *fires)
            add(due, fire.logical_date, {fire.due, fire.due, !fire.calendar_ended, fire.note});
        count += fires->size();
        if (count > fires_max_) to_ = last;
    }
    return {};
}

// With one schedule, later fires are for the same or a later date: the last fire of a date is found by bisection.
Result<void> PlannedDates::add_dense(JobSchedule one, Date from, DueByDate& due) const {
    const CalendarSet& calendars = *plan_.calendars;
    for (const Schedule& schedule : std::exchange(one.schedules, {})) {
        one.schedules = {schedule};
        const DueBounds bounds = due_bounds(one, calendars, from, to_);
        for (Instant after = bounds.first - Seconds{1};;) {
            const auto fires = next_fires(one, calendars, after, bounds.last);
            if (!fires) return tl::unexpected(fires.error());
            if (fires->empty()) break;
            const Fire& first = fires->front();
            const Date date = first.logical_date;
            const Instant end = std::max(first.due, due_bounds(one, calendars, date, date).last);
            Instant last = first.due;
            for (Instant beyond = end; last < beyond;) {
                const Instant middle = last + (beyond - last) / 2;
                const auto later = next_fires(one, calendars, middle, end);
                if (!later) return tl::unexpected(later.error());
                if (later->empty() || later->front().logical_date != date) beyond = middle;
                else last = later->front().due;
            }
            if (from <= date && date <= to_) add(due, date, {first.due, last, !first.calendar_ended, first.note});
            after = last;
        }
    }
    return {};
}

Fire fire_of_date(const Job& job, Date date, Instant due, const CalendarSet& calendars) {
    Fire fire;
    fire.due = due;
    fire.key = FireKey::of_date(date);
    fire.date = fire.logical_date = date;
    if (job.schedule.calendar.empty() || job.schedule.run_for.kind == RunFor::Kind::date) return fire;
    if (const auto calendar = calendars.find(job.schedule.calendar))
        if (const auto session = (*calendar)->nth_from(date, 0); session && *session) fire.session = date;
    return fire;
}

Result<std::vector<Fire>> planned_fires(const Job& job, const Plan& plan, Date from, Date to, std::size_t limit) {
    if (job.has_schedule()) return fires_for_dates(job.schedule, *plan.calendars, from, to, limit);
    const auto due = PlannedDates(plan, from, to).of(job);
    if (!due) return tl::unexpected(due.error());
    std::vector<Fire> fires;
    for (const auto& [date, span] : *due) {
        Fire& fire = fires.emplace_back(fire_of_date(job, date, span.last, *plan.calendars));
        fire.calendar_ended = !span.known;
        fire.note = span.note;
    }
    std::sort(fires.begin(), fires.end());
    if (fires.size() > limit) fires.resize(limit);
    return fires;
}

Result<bool> when_holds(const Job& job, const CalendarSet& calendars, Date logical_date) {
    if (job.has_schedule() || !job.schedule.when) return true;
    return job.schedule.when->holds({logical_date, logical_date, {}}, calendars, job.schedule.calendar);
}

Result<std::vector<Fire>> next_planned(const Job& job, const Plan& plan, Instant after, Seconds ahead,
                                       std::optional<Date>* horizon) {
    std::vector<Fire> next;
    if (!job.enabled) return next;
    if (job.has_schedule()) return next_fires(job.schedule, *plan.calendars, after, after + ahead, horizon);
    const auto may_be_next = [&](Date date, const DueSpan& span) {
        if (span.last <= after || span.last > after + ahead) return false;
        if (!next.empty() && next.front().due < span.last) return false;
        return when_holds(job, *plan.calendars, date).value_or(false);
    };
    // Its fires are in order of dates, and at most some days before or after them.
    constexpr date::days step{50};
    const date::days off = days_off(job, plan);
    const Zone& zone = *job.schedule.zone;
    const auto last = [&] { return date_of(zone.to_wall(next.empty() ? after + ahead : next.front().due)) + off; };
    for (Date from = date_of(zone.to_wall(after)) - off; from <= last(); from += step) {
        const auto due = PlannedDates(plan, from, from + step - date::days{1}).of(job);
        if (!due) return tl::unexpected(due.error());
        for (const auto& [date, span] : *due) {
            if (!span.known) {
                if (horizon) *horizon = date - date::days{1};
                return next;
            }
            if (!may_be_next(date, span)) continue;
            if (!next.empty() && span.last < next.front().due) next.clear();
            next.push_back(fire_of_date(job, date, span.last, *plan.calendars));
        }
    }
    return next;
}

Result<DatesAhead> planned_dates(const Job& job, const Plan& plan, Date from, Date to) {
    constexpr std::size_t fires_max = 20'000;
    PlannedDates dates(plan, from, to, fires_max);
    auto due = dates.of(job);
    if (!due) return tl::unexpected(due.error());
    due->erase(due->upper_bound(dates.reached()), due->end());
    return DatesAhead{*std::move(due), dates.reached()};
}

std::map<JobName, std::vector<const Job*>, std::less<>> dependents_of(const Plan& plan) {
    std::map<JobName, std::vector<const Job*>, std::less<>> dependents;
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
