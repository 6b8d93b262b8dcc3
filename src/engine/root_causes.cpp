#include "engine/root_causes.h"

#include <algorithm>
#include <set>

#include "base/spelling.h"
#include "config/order.h"

namespace mc {

namespace {

constexpr std::size_t jobs_named = 20;

bool contains(const std::vector<Target>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

// The upstream run that failed first; 0 if none has failed.
RunId failed_run(const std::vector<UpstreamStatus>& seen) {
    const auto is_it = [](const UpstreamStatus& look) {
        return look.standing == UpstreamStatus::Standing::failed && look.run != 0;
    };
    const auto found = std::find_if(seen.begin(), seen.end(), is_it);
    return found == seen.end() ? 0 : found->run;
}

// Whether the job cannot run if that upstream job fails for the same date, whatever the results of the others.
bool falls_with(const Job& job, const std::string& failed) {
    std::vector<UpstreamStatus> looks;
    bool is_upstream = false;
    for (const Upstream& upstream : job.after->upstreams) {
        const bool is_it = !upstream.previous && upstream.job == failed;
        is_upstream = is_upstream || is_it;
        looks.emplace_back().standing = is_it ? UpstreamStatus::Standing::failed : UpstreamStatus::Standing::success;
    }
    return is_upstream && judge(job.after->trigger, looks) == TriggerVerdict::upstream_failed;
}

// Whether the root failed and decides its date: no later fire of the date has another result.
bool judges_its_date(const Run& root, const Job& job, Past& present, const Plan& plan) {
    if (!finished(root.state) || root.state == State::success || root.state == State::skipped || root.clearing != 0)
        return false;
    const Instant last = root.last_fire.value_or(root.fire);
    const auto of_date = [&](const Fire& fire) { return fire.logical_date == root.logical_date; };
    // A short cut for frequent jobs: the next fire decides.
    const auto next = next_fires(job.schedule, *plan.calendars, last, last + Seconds{86400});
    if (next && std::any_of(next->begin(), next->end(), of_date)) return false;
    const auto is_later = [&](const Run& row) { return seen_by_others(row) && row.fire > root.fire; };
    const std::vector<Run> rows = present.by_date(job.name, root.logical_date);
    if (std::any_of(rows.begin(), rows.end(), is_later) || !seen_by_others(root)) return false;
    const auto fires = planned_fires(job, plan, root.logical_date, root.logical_date);
    const auto to_come = [&](const Fire& fire) { return fire.due > last; };
    return fires && (!job.has_schedule() || std::none_of(fires->begin(), fires->end(), to_come));
}

// Whether runs of dependent jobs without a schedule are made with this run.
bool makes_dependent_runs(const Run& root) { return root.origin == Origin::live || root.origin == Origin::catch_up; }

// Whether the message about the root's failure could name the job of this blocked run. It could not if the run was made
// later and the root's run gave no reason to expect it, as after `start` of the upstream job.
bool was_expected(const Run& run, const Job& job, const Run& root) {
    if (job.has_schedule() || makes_dependent_runs(root)) return true;
    return run.origin != Origin::catch_up && root.finished && run.fire <= *root.finished;
}

// Whether the job is blocked for the root's date: it ended as upstream_failed, waits, or its fire is in the future.
bool is_kept(const Job& job, const Run& root, const History& history) {
    bool has_rows = false;
    for (const Run& row : history.past.by_date(job.name, root.logical_date)) {
        if (!seen_by_others(row)) continue;
        if (row.state == State::upstream_failed || row.state == State::waiting || row.state == State::queued)
            return true;
        has_rows = true;
    }
    if (!job.has_schedule()) return !has_rows && makes_dependent_runs(root);
    const auto fires = planned_fires(job, history.plan, root.logical_date, root.logical_date);
    return fires && !fires->empty() && fires->back().due > history.planned_through;
}

bool tells_of_failure(const Notice& notice) {
    return (notice.kind == NoticeKind::failure || notice.kind == NoticeKind::missed) && !notice.is_action;
}

// Whether the target gets the notification of the root's own failure.
bool told_itself(const Run& root, const NotifyRules& rules, const std::string& target) {
    if (root.reason == Reason::marked) return false;
    if (root.state == State::missed) return contains(rules.missed, target);
    const bool failed = root.state == State::failed || root.state == State::timed_out || root.state == State::lost;
    return failed && contains(rules.failure, target);
}

}  // namespace

RootCauses::RootCauses(const Definitions& jobs, RunBook& book, const JobRecords& records, StepPast& past,
                       UpstreamAnswers& answers, Alerts& alerts, Notices& notices)
    : jobs_(jobs), book_(book), records_(records), past_(past), answers_(answers), alerts_(alerts), notices_(notices) {}

// Finds the root through upstream runs that also ended as upstream_failed.
void RootCauses::note_upstream_failed(const Run& run, const std::vector<UpstreamStatus>& seen) {
    RunId root = run.id;
    RunId before = failed_run(seen);
    for (std::set<RunId> seen_runs; before != 0 && seen_runs.insert(before).second;) {
        if (const auto known = root_of_.find(before); known != root_of_.end()) {
            root = known->second;
            break;
        }
        root = before;
        const auto failed = past_.by_id(before);
        const Job* job = failed && failed->state == State::upstream_failed ? jobs_.of(*failed) : nullptr;
        if (!job || !job->after) break;
        std::vector<UpstreamStatus> theirs;
        for (const Upstream& upstream : job->after->upstreams) theirs.push_back(answers_.of(upstream, *failed));
        before = failed_run(theirs);
    }
    root_of_.emplace(run.id, root);
    ended_by_[root].push_back(run.id);
}

// The jobs that the root's failure blocks for its date, directly or indirectly.
RootCauses::Kept RootCauses::kept_from_running(const Run& root) const {
    Kept kept;
    if (!judges_its_date(root, *jobs_.of(root), past_, jobs_.plan())) return kept;
    const History history = past_.history();
    std::set<const Job*> seen;
    std::vector<const JobName*> failed{&root.job};
    for (std::size_t i = 0; i < failed.size(); ++i) {
        for (const Job* job : jobs_.dependents(*failed[i])) {
            if (!job->enabled || records_.is_iced(job->name) || !falls_with(*job, *failed[i])) continue;
            if (job->name == root.job || !seen.insert(job).second || !is_kept(*job, root, history)) continue;
            kept.push_back(job);
            failed.push_back(&job->name);
        }
    }
    return kept;
}

const RootCauses::Kept& RootCauses::kept_by(const Run& root) {
    const auto known = kept_.find(root.id);
    return known != kept_.end() ? known->second : kept_.emplace(root.id, kept_from_running(root)).first->second;
}

void RootCauses::tell() {
    for (const auto& [root, runs] : std::exchange(ended_by_, {})) tell_of(root, runs);
    root_of_.clear();
    name_kept_jobs();
    kept_.clear();
}

// Sends one message to each target: jobs that end later were already named in it.
void RootCauses::tell_of(RunId root_id, const std::vector<RunId>& ended) {
    const auto root = past_.by_id(root_id);
    const Job* root_job = root ? jobs_.of(*root) : nullptr;
    std::map<std::string, bool> news;  // by target; true: a job of the target was not named in the first message
    std::set<std::string> of_recovery;
    for (const RunId id : ended) {
        const Run& run = book_.at(id);
        const Job* job = jobs_.of(run);
        if (!job || job->rules().failure.empty()) continue;
        book_.deadline_told(run);
        if (!root_job) continue;
        kept_by(*root);
        Kept& named = kept_.at(root->id);
        const bool is_named = std::find(named.begin(), named.end(), job) != named.end();
        if (!is_named) named.push_back(job);
        const bool is_news =
            !is_named || run.logical_date != root->logical_date || root->fires > 1 || !was_expected(run, *job, *root);
        for (const std::string& target : job->rules().failure) news[target] = news[target] || is_news;
        of_recovery.insert(job->rules().recovery.begin(), job->rules().recovery.end());
    }
    if (!root_job) return;
    for (const auto& [target, is_news] : news)
        tell_root(*root, *root_job, target, {is_news, of_recovery.contains(target)});
}

void RootCauses::name_kept_jobs() {
    for (Notice& notice : notices_.written()) {
        if (!tells_of_failure(notice) || !notice.run || jobs_.dependents(JobName(notice.job)).empty()) continue;
        const auto root = past_.by_id(*notice.run);
        if (!root || !jobs_.of(*root)) continue;
        std::vector<std::string> names;
        for (const Job* job : kept_by(*root))
            if (contains(job->rules().failure, notice.target)) names.push_back(job->shown());
        std::sort(names.begin(), names.end());
        notice.behind = names.empty() ? "" : listed(names, jobs_named);
    }
}

// If the root ended without a notification (it was stopped or marked), its alert opens now.
void RootCauses::tell_root(const Run& root, const Job& job, const std::string& target, Listener listener) {
    const auto is_told = [&](const Notice& notice) {
        return notice.run == root.id && notice.target == target && tells_of_failure(notice);
    };
    if (std::any_of(notices_.written().begin(), notices_.written().end(), is_told)) return;
    const bool itself = told_itself(root, job.rules(), target);
    if (itself && !listener.is_news) return;
    RunId number = alerts_.of_failure(root);
    if (number == 0 && !itself) number = alerts_.raise(root, NoticeKind::failure);
    if (number != 0 && !itself && !alerts_.tell_too(root, target, listener)) return;
    Notice notice = notices_.of_run(root, job, NoticeKind::failure, target);
    notice.alert = number;
    notices_.write(std::move(notice));
}

}  // namespace mc
