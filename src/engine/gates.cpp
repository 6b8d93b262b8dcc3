#include "engine/gates.h"

#include <algorithm>

namespace mc {

namespace {

using Standing = UpstreamStatus::Standing;

bool has_gates(const Job& job) { return job.after || job.depends_on_past; }

// False for a run between two attempts: its gates were open when it started.
bool may_wait(const Run& run) {
    return (run.state == State::waiting || run.state == State::queued) && !run.bypasses_gates && run.clearing == 0;
}

Because waiting_for(const std::vector<UpstreamStatus>& looks, const Wording& wording) {
    std::int64_t pending = 0;
    const UpstreamStatus *first = nullptr, *bad = nullptr;
    for (const UpstreamStatus& look : looks) {
        if (look.standing == Standing::failed && !bad) bad = &look;
        if (look.standing != Standing::pending) continue;
        if (!first) first = &look;
        ++pending;
    }
    // Only depends_on_past makes a run wait for a run that has already ended.
    if (!first && bad) return {Reason::dependency, OwnPast{*bad}, wording};
    if (!first) return {Reason::dependency, "waits for upstream jobs"};
    return {Reason::dependency, UpstreamsPending{*first, pending}, wording};
}

}  // namespace

Gates::Gates(Step& step, Definitions& jobs, RunBook& book, const JobRecords& records, StepPast& past,
             UpstreamAnswers& answers, RootCauses& causes, Endings& endings, SensorWatch& sensors)
    : step_(step),
      jobs_(jobs),
      book_(book),
      records_(records),
      past_(past),
      answers_(answers),
      causes_(causes),
      endings_(endings),
      sensors_(sensors) {
    book_.follow(&jobs_.ordered());
}

// Watches the dates until the run starts, also while the gate is open: an upstream run may be rerun meanwhile.
void Gates::watch(RunId id, Gate gate) {
    book_.activate(id);
    if (const auto known = gates_.find(id); known == gates_.end() || known->second.dates != gate.dates) {
        forget(id);
        for (const Watch& date : gate.dates) watchers_[date].insert(id);
    }
    gates_.insert_or_assign(id, std::move(gate));
}

void Gates::forget(RunId id) {
    const auto found = gates_.find(id);
    if (found == gates_.end()) return;
    book_.activate(id);
    for (const Watch& date : found->second.dates) {
        const auto watched = watchers_.find(date);
        if (watched == watchers_.end()) continue;
        watched->second.erase(id);
        if (watched->second.empty()) watchers_.erase(watched);
    }
    gates_.erase(found);
    if (gates_.empty()) answers_.clear();
}

void Gates::park(const Run& run) {
    std::optional<Instant> until = run.deadline;
    if (run.not_after && !run.forced) until = std::min(until.value_or(*run.not_after), *run.not_after);
    book_.park(run, until);
}

bool Gates::keeps_waiting(const Run& run) const {
    const auto gate = gates_.find(run.id);
    return !run.bypasses_gates && gate != gates_.end() && !gate->second.open;
}

void Gates::judge_all_again() {
    for (const auto& [id, gate] : gates_) book_.activate(id);
    gates_.clear();
    watchers_.clear();
    answers_.clear();
    collect_ = true;
}

// The runs that watch a changed date, and those that watch an older date as the newest one before their own: the
// changed date may take its place.
std::set<RunId> Gates::concerned() {
    std::set<RunId> concerned;
    for (const auto& [job, date] : book_.take_changed_days()) {
        answers_.forget(job, date);
        if (const auto at = watchers_.find({job, Asks::same_date, date}); at != watchers_.end())
            concerned.insert(at->second.begin(), at->second.end());
        for (const Asks asks : {Asks::previous, Asks::own_past}) {
            auto at = watchers_.upper_bound({job, asks, date});
            for (bool is_older = false; !is_older && at != watchers_.begin();) {
                --at;
                if (std::get<0>(at->first) != job || std::get<1>(at->first) != asks) break;
                is_older = std::get<2>(at->first) < date;
                for (const RunId id : at->second)
                    if (const Run* run = book_.find(id); run && run->logical_date > date) concerned.insert(id);
            }
        }
    }
    return concerned;
}

void Gates::collect() {
    if (jobs_.ordered().empty() && gates_.empty()) return;
    for (const auto& [id, run] : book_.active()) {
        if (!may_wait(*run) || gates_.contains(id)) continue;
        const Job* job = jobs_.of(*run);
        if (job && has_gates(*job) && !records_.holds_back(*run)) to_judge_.insert(id);
    }
}

void Gates::judge() {
    collect_ = true;
    for (;;) {
        heal();
        if (std::exchange(collect_, false)) collect();
        to_judge_.merge(concerned());
        if (to_judge_.empty() && !book_.has_healed()) return;
        if (to_judge_.empty()) continue;
        const RunId id = *to_judge_.begin();
        to_judge_.erase(to_judge_.begin());
        const Run* run = book_.find(id);
        const bool waits = run && may_wait(*run) && !records_.holds_back(*run);
        const Job* job = waits ? jobs_.of(*run) : nullptr;
        if (job) judge(*job, *run);
        else forget(id);
    }
}

std::vector<UpstreamStatus> Gates::upstreams_of(const Job& job, const Run& run) {
    std::vector<UpstreamStatus> seen;
    if (job.after)
        for (const Upstream& upstream : job.after->upstreams) seen.push_back(answers_.of(upstream, run));
    return seen;
}

bool Gates::ends_by(TriggerVerdict verdict, const std::vector<UpstreamStatus>& seen, const Job& job, const Run& run) {
    if (verdict != TriggerVerdict::skip && verdict != TriggerVerdict::upstream_failed) return false;
    UpstreamsEnded why{job.after->trigger, deciding(verdict, job.after->trigger, seen)};
    if (verdict == TriggerVerdict::skip) {
        endings_.finish(run, State::skipped, {Reason::upstream_skipped, std::move(why), jobs_.wording(job)});
        return true;
    }
    endings_.finish(run, State::upstream_failed, {Reason::upstream_failed, std::move(why), jobs_.wording(job)});
    causes_.note_upstream_failed(run, seen);
    return true;
}

void Gates::judge(const Job& job, const Run& run) {
    std::vector<UpstreamStatus> seen = upstreams_of(job, run);
    TriggerVerdict verdict = job.after ? mc::judge(job.after->trigger, seen) : TriggerVerdict::start;
    if (ends_by(verdict, seen, job, run)) return;
    std::vector<Watch> dates;
    for (std::size_t i = 0; i < seen.size(); ++i)
        dates.emplace_back(seen[i].job, UpstreamAnswers::asked_by(job.after->upstreams[i]), seen[i].date);
    if (job.depends_on_past) {
        seen.push_back(answers_.of_own_past(job, run));
        dates.emplace_back(seen.back().job, Asks::own_past, seen.back().date);
        if (seen.back().standing != Standing::success) verdict = TriggerVerdict::wait;
    }
    watch(run.id, {std::move(dates), verdict == TriggerVerdict::start});
    if (verdict != TriggerVerdict::start) return wait_for(seen, run);
    if (run.reason == Reason::dependency) book_.queue(run);
}

void Gates::wait_for(const std::vector<UpstreamStatus>& seen, const Run& run) {
    sensors_.stop(run);
    book_.wait(run, waiting_for(seen, jobs_.wording(run)));
}

}  // namespace mc
