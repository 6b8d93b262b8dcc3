// root_cause.cpp — who is told of runs that could not start: of the failure that began it, once for each who hears of
// any of them, with all that it keeps from running (SPEC 5).
#include <algorithm>
#include <set>

#include "base/spelling.h"
#include "config/order.h"
#include "engine/body.h"
#include "engine/present.h"

namespace mc {

namespace {

constexpr std::size_t jobs_named = 20;

bool contains(const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

// The run that failed first among those that a job waits for; 0 when none has.
RunId failed_run(const std::vector<UpstreamLook>& seen) {
    const auto is_it = [](const UpstreamLook& look) { return look.is == UpstreamLook::Is::failed && look.run != 0; };
    const auto found = std::find_if(seen.begin(), seen.end(), is_it);
    return found == seen.end() ? 0 : found->run;
}

// With that one upstream failed for the same date, whatever the others come to.
bool falls_with(const Job& job, const std::string& failed) {
    std::vector<UpstreamLook> looks;
    bool is_upstream = false;
    for (const Upstream& upstream : job.after->upstreams) {
        const bool is_it = !upstream.previous && upstream.job == failed;
        is_upstream = is_upstream || is_it;
        looks.emplace_back().is = is_it ? UpstreamLook::Is::failed : UpstreamLook::Is::success;
    }
    return is_upstream && judge(job.after->trigger, looks) == Verdict::upstream_failed;
}

// It has gone wrong, and no later fire of its date says otherwise.
bool judges_its_date(const Run& root, const Job& job, const Ledger& present, const Plan& plan) {
    if (!finished(root.state) || root.state == State::success || root.state == State::skipped || root.clearing != 0)
        return false;
    const Instant last = root.last_fire.value_or(root.fire);
    const auto of_date = [&](const Fire& fire) { return fire.logical_date == root.logical_date; };
    // Of a job of every minute the next fire says it at once.
    const auto next = next_fires(job.schedule, *plan.calendars, last, last + Seconds{86400});
    if (next && std::any_of(next->begin(), next->end(), of_date)) return false;
    const auto is_later = [&](const Run& row) { return seen_by_others(row) && row.fire > root.fire; };
    const std::vector<Run> rows = present.by_date(job.name, root.logical_date);
    if (std::any_of(rows.begin(), rows.end(), is_later) || !seen_by_others(root)) return false;
    const auto fires = planned_fires(job, plan, root.logical_date, root.logical_date);
    const auto to_come = [&](const Fire& fire) { return fire.due > last; };
    return fires && (!job.has_schedule() || std::none_of(fires->begin(), fires->end(), to_come));
}

// It fell already, waits, or its fire is to come.
bool is_kept(const Job& job, const Run& root, const History& history) {
    bool has_rows = false;
    for (const Run& row : history.ledger.by_date(job.name, root.logical_date)) {
        if (!seen_by_others(row)) continue;
        if (row.state == State::upstream_failed || row.state == State::waiting || row.state == State::queued)
            return true;
        has_rows = true;
    }
    if (!job.has_schedule()) return !has_rows && (root.origin == Origin::live || root.origin == Origin::catch_up);
    const auto fires = planned_fires(job, history.plan, root.logical_date, root.logical_date);
    return fires && !fires->empty() && fires->back().due > history.planned_through;
}

bool tells_of_failure(const Notice& notice) {
    return (notice.kind == NoticeKind::failure || notice.kind == NoticeKind::missed) && !notice.is_action;
}

// Whether the root's own failure was told there.
bool told_itself(const Run& root, const NotifyRules& rules, const std::string& target) {
    if (root.reason == Reason::marked) return false;
    if (root.state == State::missed) return contains(rules.missed, target);
    const bool failed = root.state == State::failed || root.state == State::timed_out || root.state == State::lost;
    return failed && contains(rules.failure, target);
}

}  // namespace

// The root is looked for through those that could not start either.
void Engine::Body::fell(const Run& run, const std::vector<UpstreamLook>& seen) {
    const Present present(*this);
    RunId root = run.id;
    RunId before = failed_run(seen);
    for (std::set<RunId> seen_runs; before != 0 && seen_runs.insert(before).second;) {
        if (const auto known = root_of.find(before); known != root_of.end()) {
            root = known->second;
            break;
        }
        root = before;
        const auto failed = present.by_id(before);
        const Job* job = failed && failed->state == State::upstream_failed ? job_of(*failed) : nullptr;
        if (!job || !job->after) break;
        std::vector<UpstreamLook> theirs;
        for (const Upstream& upstream : job->after->upstreams) theirs.push_back(look(upstream, *failed, present));
        before = failed_run(theirs);
    }
    root_of.emplace(run.id, root);
    fallen[root].push_back(run.id);
}

// The jobs that cannot run for the root's date unless it succeeds after all, near and far.
std::vector<const Job*> Engine::Body::kept_from_running(const Run& root) const {
    const Present present(*this);
    std::vector<const Job*> kept;
    if (!judges_its_date(root, *job_of(root), present, *plan)) return kept;
    std::set<const Job*> seen;
    std::vector<const std::string*> failed{&root.job};
    for (std::size_t i = 0; i < failed.size(); ++i) {
        const auto found = dependents.find(*failed[i]);
        if (found == dependents.end()) continue;
        for (const Job* job : found->second) {
            if (!job->enabled || iced.contains(job->name) || !falls_with(*job, *failed[i])) continue;
            if (job->name == root.job || !seen.insert(job).second ||
                !is_kept(*job, root, {*plan, present, *planned_through}))
                continue;
            kept.push_back(job);
            failed.push_back(&job->name);
        }
    }
    return kept;
}

// Once for each place: those that fall later stood in the first message.
void Engine::Body::tell_fallen() {
    std::map<RunId, std::vector<const Job*>> kept;
    const auto kept_by = [&](const Run& root) -> std::vector<const Job*>& {
        const auto known = kept.find(root.id);
        return known != kept.end() ? known->second : kept.emplace(root.id, kept_from_running(root)).first->second;
    };
    const Present present(*this);
    for (const auto& [root_id, runs] : std::exchange(fallen, {})) {
        const auto root = present.by_id(root_id);
        std::map<std::string, bool> whom;  // hears of a job that was not to be foreseen
        std::set<std::string> of_recovery;
        for (const RunId id : runs) {
            Run& run = open.at(id);
            const Job* job = job_of(run);
            if (!job || job->rules().failure.empty()) continue;
            run.deadline.reset();
            if (!root || !job_of(*root)) continue;
            auto& foreseen = kept_by(*root);
            const bool is_known = std::find(foreseen.begin(), foreseen.end(), job) != foreseen.end();
            if (!is_known) foreseen.push_back(job);
            const bool is_news = !is_known || run.logical_date != root->logical_date || root->fires > 1;
            for (const std::string& target : job->rules().failure) whom[target] = whom[target] || is_news;
            of_recovery.insert(job->rules().recovery.begin(), job->rules().recovery.end());
        }
        const Job* job = root ? job_of(*root) : nullptr;
        if (!job) continue;
        for (const auto& [target, is_news] : whom)
            tell_root(*root, *job, target, is_news, of_recovery.contains(target));
    }
    root_of.clear();
    for (Notice& notice : batch.notices) {
        if (!tells_of_failure(notice) || !notice.run) continue;
        const auto root = dependents.contains(notice.job) ? present.by_id(*notice.run) : std::nullopt;
        if (!root || !job_of(*root)) continue;
        std::vector<std::string> names;
        for (const Job* job : kept_by(*root))
            if (contains(job->rules().failure, notice.target)) names.push_back(job->shown());
        std::sort(names.begin(), names.end());
        notice.behind = names.empty() ? "" : listed(names, jobs_named);
    }
}

// Of a root that ended without a message (it was stopped, or marked) an alert opens now.
void Engine::Body::tell_root(const Run& root, const Job& job, const std::string& target, bool is_news, bool recovery) {
    const auto is_told = [&](const Notice& notice) {
        return notice.run == root.id && notice.target == target && tells_of_failure(notice);
    };
    if (std::any_of(batch.notices.begin(), batch.notices.end(), is_told)) return;
    const bool itself = told_itself(root, job.rules(), target);
    if (itself && !is_news) return;
    RunId number = alert_of(root);
    if (number == 0 && !itself) {
        Run copy = root;
        number = raise(copy, NoticeKind::failure);
    }
    if (number != 0 && !itself) {
        ToldToo& too = alerts.at(root.job).told_too[target];
        if (too.of == root.id && !is_news) return;
        too = {root.id, too.recovery || recovery};
        changed_alerts.insert(root.job);
    }
    batch.notices.push_back(notice_of(root, job, NoticeKind::failure, target));
    batch.notices.back().alert = number;
}

}  // namespace mc
