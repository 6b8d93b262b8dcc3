// healing.cpp — runs that ended as upstream_failed wait again when that upstream job has succeeded later.
#include "config/order.h"
#include "engine/fresh_run.h"
#include "engine/gates.h"

namespace mc {

// By job. A row for several fires counts for every date that its fires may have.
std::map<JobName, std::set<Date>> Gates::healed_dates() {
    std::map<JobName, std::set<Date>> dates;
    for (const RunBook::Healed& healed : book_.take_healed()) {
        const auto& [name, own_date] = healed.day;
        dates[name].insert(own_date);
        const Job* job = jobs_.planned(name);
        if (!healed.last_fire || !job) continue;
        judge_all_again();
        const date::days off = days_off(*job, jobs_.plan());
        const auto date_of_fire = [&](Instant fire) { return date_of(job->schedule.zone->to_wall(fire)); };
        const Date last = date_of_fire(*healed.last_fire) + off;
        for (Date date = date_of_fire(healed.fire) - off; date <= last; date += date::days{1}) dates[name].insert(date);
    }
    return dates;
}

void Gates::heal() {
    if (!book_.has_healed()) return;
    Hanging hanging;
    for (const auto& [name, dates] : healed_dates())
        for (const Job* job : jobs_.dependents(name))
            for (const Upstream& upstream : job->after->upstreams)
                if (upstream.job == name && job->enabled) add_hanging(*job, upstream, dates, hanging);
    for (const auto& [order, ended] : hanging)
        if (would_run(*jobs_.planned(ended.job), ended)) recover(ended);
}

// Adds the job's runs of any age that ended as upstream_failed and depend on one of these dates.
void Gates::add_hanging(const Job& job, const Upstream& upstream, const std::set<Date>& dates, Hanging& hanging) const {
    const Date first = *dates.begin(), last = *dates.rbegin();
    const bool is_one = !upstream.previous && dates.size() == 1;
    const Date after = upstream.previous ? first : first - date::days{1};
    auto runs = is_one ? past_.by_date(job.name, first) : past_.upstream_failed_after(job.name, after);
    for (Run& run : runs) {
        if (run.state != State::upstream_failed) continue;
        const Date date =
            upstream.previous ? status_of(upstream, run.logical_date, past_.history()).date : run.logical_date;
        if (date > last) return;  // so are all later ones
        if (upstream.previous || dates.contains(date)) hanging.try_emplace({run.fire, run.id}, std::move(run));
    }
}

bool Gates::would_run(const Job& job, const Run& ended) const {
    std::vector<UpstreamStatus> seen;
    for (const Upstream& upstream : job.after->upstreams)
        seen.push_back(status_of(upstream, ended.logical_date, past_.history()));
    return mc::judge(job.after->trigger, seen) != TriggerVerdict::upstream_failed;
}

void Gates::recover(const Run& ended) {
    const Job& job = *jobs_.planned(ended.job);
    const std::optional<Instant> deadline = ended.deadline;
    // An overdue run must not make a live fire wait.
    const bool is_late = ended.origin == Origin::live && step_.now.wall - ended.fire > job.grace;
    const Run& again = reopen(book_, jobs_, ended, is_late ? Origin::catch_up : ended.origin);
    book_.limit(again, again.not_before, again.not_after, deadline);
    if (records_.is_iced(job.name)) return endings_.finish(again, State::skipped, records_.iced(job.name));
    if (endings_.finish_by_when(job, again)) return;
    book_.wait(again, {Reason::dependency, "an upstream job has now succeeded"});
    to_judge_.insert(again.id);
}

}  // namespace mc
