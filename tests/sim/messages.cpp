#include "sim/messages.h"

#include <fmt/format.h>

#include <algorithm>

namespace mc::sim {

namespace {

using Targets = std::set<std::string>;
using Kind = NoticeKind;

Targets as_set(const std::vector<Target>& targets) { return {targets.begin(), targets.end()}; }

Targets targets_of(const NotifyRules& rules, Kind kind) {
    switch (kind) {
        case Kind::failure: return as_set(rules.failure);
        case Kind::retry: return as_set(rules.retry);
        case Kind::success: return as_set(rules.success);
        case Kind::late: return as_set(rules.late);
        case Kind::missed: return as_set(rules.missed);
        case Kind::recovery: return as_set(rules.recovery);
        case Kind::output:
        case Kind::acked:
        case Kind::closed: break;
    }
    return {};
}

bool is_bad_end(const Run& run) {
    return run.state == State::failed || run.state == State::timed_out || run.state == State::lost;
}

class Written {
   public:
    Written(const StepWrites& batch, const World& world) : batch_(batch), world_(world) {
        const std::vector<Alert> open = world.ledger.alerts(AlertsAsked::open).value();
        for (const Alert& alert : open) before_.emplace(alert.job, alert);
        for (const auto* rows : {&batch.inserted, &batch.updated})
            for (const Run& run : *rows) after_.emplace(run.id, &run);
    }

    std::string wrong() const {
        for (const auto& [id, run] : after_)
            if (auto what = of_run(*run); !what.empty())
                return fmt::format("run {} of {} is {} {}: {}", id, run->job, to_text(run->state), to_text(run->reason),
                                   what);
        for (const Notice& notice : batch_.notices)
            if (auto what = of_notice(notice); !what.empty())
                return fmt::format("message {} to {} about run {} of {}: {}", to_text(notice.kind), notice.target,
                                   notice.run.value_or(0), notice.job, what);
        for (const Alert& alert : batch_.alerts)
            if (auto what = of_alert(alert); !what.empty())
                return fmt::format("the alert of run {} of {}: {}", alert.run, alert.job, what);
        return "";
    }

   private:
    const Job& job_of(const std::string& name) const { return world_.plan.jobs.at(JobName(name)); }
    std::optional<Run> row(RunId id) const { return world_.ledger.by_id(id).value(); }

    Targets told(RunId run, Kind kind) const {
        Targets targets;
        for (const Notice& notice : batch_.notices)
            if (notice.run == run && notice.kind == kind && !notice.is_action && !notice.open_since)
                targets.insert(notice.target);
        return targets;
    }

    bool is_told(const Run& run, Kind kind, const Job& job) const {
        return told(run.id, kind) == targets_of(job.rules(), kind);
    }

    // The run's own messages, by its move.
    std::string of_run(const Run& run) const {
        const auto before = row(run.id);
        const Job& job = job_of(run.job);
        const bool moves = !before || before->state != run.state || before->attempt != run.attempt;
        const bool is_marked = run.reason == Reason::marked;
        if (!moves || is_marked) return "";
        if (run.state == State::success)
            return is_told(run, Kind::success, job) ? "" : "its success is told to others than `notify.success`";
        if (run.state == State::missed && !is_told(run, Kind::missed, job))
            return "not all of `notify.missed` are told";
        if (run.state == State::retrying && before && before->state == State::running && run.finished &&
            !is_told(run, Kind::retry, job))
            return "not all of `notify.retry` are told";
        if (is_bad_end(run))
            for (const std::string& target : targets_of(job.rules(), Kind::failure))
                if (!told(run.id, Kind::failure).contains(target)) return "not all of `notify.failure` are told";
        if (!is_bad_end(run) && run.state != State::missed) return "";
        const auto counts_it = [&](const Alert& one) { return one.job == run.job && one.run == run.alert; };
        if (std::any_of(batch_.alerts.begin(), batch_.alerts.end(), counts_it)) return "";
        const Alert* alert = open_after(run.job);
        if (!alert) return "its job has no open alert";
        return run.alert == alert->run ? "" : fmt::format("alert {} counts it instead of {}", run.alert, alert->run);
    }

    const Alert* open_after(const JobName& job) const {
        const auto known = before_.find(job);
        const Alert* open = known == before_.end() ? nullptr : &known->second;
        for (const Alert& alert : batch_.alerts)
            if (alert.job == job) open = alert.closed ? nullptr : &alert;
        return open;
    }

    std::string of_notice(const Notice& notice) const {
        if (notice.created != world_.now.wall) return "it was made at another time";
        if (!notice.run || notice.is_action) return "";
        const Job& job = job_of(notice.job);
        if (notice.attempts != 1 + job.retries) return "it counts the attempts otherwise";
        if (notice.open_since) return of_reminder(notice);
        const auto stored = row(*notice.run);
        const auto at = after_.find(*notice.run);
        const Run* run = at != after_.end() ? at->second : stored ? &*stored : nullptr;
        if (!run) return "there is no such run";
        if (notice.logical_date != to_string(run->logical_date) || notice.fires != run->fires)
            return "it has another date";
        switch (notice.kind) {
            case Kind::success:
            case Kind::failure:
            case Kind::missed: {
                const bool is_its_end =
                    notice.state == run->state && notice.reason == run->reason && notice.detail == run->detail;
                if (!finished(run->state)) return "";  // it was reset in the same step
                if (!is_its_end && run->clearing == 0) return "it tells another end";
                if (notice.state == State::upstream_failed) return "a blocked run sends no message";
                return notice.attempt == run->attempt - run->attempts_before ? "" : "it counts another attempt";
            }
            case Kind::retry: return notice.retry_at ? "" : "it does not say when";
            case Kind::late: return of_late(notice, job, stored);
            case Kind::recovery: return of_recovery(notice, job);
            case Kind::output:
            case Kind::acked:
            case Kind::closed: break;
        }
        return "";
    }

    std::string of_late(const Notice& notice, const Job& job, const std::optional<Run>& before) const {
        if (told(*notice.run, Kind::late) != targets_of(job.rules(), Kind::late))
            return "it is not told to `notify.late`";
        if (before && !before->deadline) return "it had no deadline";
        return before && world_.now.wall < *before->deadline ? "its deadline has not passed" : "";
    }

    std::string of_recovery(const Notice& notice, const Job& job) const {
        for (const Alert& alert : batch_.alerts) {
            if (alert.job.text() != notice.job || !alert.closed) continue;
            Targets targets = targets_of(job.rules(), Kind::recovery);
            for (const auto& [target, too] : alert.told_too)
                if (too.recovery) targets.insert(target);
            if (notice.alert != alert.run) return "it names another alert";
            return told(*notice.run, Kind::recovery) == targets ? "" : "it is told to others than it should be";
        }
        return "no alert closes";
    }

    Targets audience(const Alert& alert, const Job& job) const {
        Targets targets;
        for (const Kind kind : alert.told_as) targets.merge(targets_of(job.rules(), kind));
        for (const auto& [target, too] : alert.told_too) targets.insert(target);
        return targets;
    }

    std::string of_reminder(const Notice& notice) const {
        const auto known = before_.find(JobName(notice.job));
        const Job& job = job_of(notice.job);
        if (known == before_.end() || known->second.acked || !job.rules().repeat) return "there is nothing to repeat";
        const Alert& alert = known->second;
        const Alert* after = open_after(alert.job);
        if (!after || after->told != world_.now.wall) return "it is repeated, and its alert does not know it";
        if (world_.now.wall < alert.told + *job.rules().repeat) return "it is repeated too early";
        if (notice.run != alert.run || notice.kind != after->kind || notice.open_since != alert.opened ||
            notice.alert != alert.run || notice.alert_runs != after->runs)
            return "it is repeated otherwise than its alert says";
        Targets targets;
        for (const Notice& other : batch_.notices)
            if (other.open_since && other.job == notice.job) targets.insert(other.target);
        // Not to those that this step tells for the first time.
        return targets == audience(alert, job) ? "" : "it is repeated to others than were told";
    }

    std::string of_alert(const Alert& alert) const {
        const Job& job = job_of(alert.job);
        const auto known = before_.find(alert.job);
        const bool is_new = known == before_.end() || known->second.run != alert.run;
        const auto stored = row(alert.run);
        const auto at = after_.find(alert.run);
        const Run* run = at != after_.end() ? at->second : stored ? &*stored : nullptr;
        if (!run) return "there is no such run";
        if (run->state == State::upstream_failed && is_new) return "a blocked run opens no alert";
        const bool is_counted = alert.runs >= 1 && (is_new || alert.runs >= known->second.runs);
        if (!is_counted) return "it counts fewer runs than before";
        if (is_new) {
            if (alert.opened != world_.now.wall || alert.told != world_.now.wall) return "it opens at another time";
            if (alert.fire != run->last_fire.value_or(run->fire)) return "it has another fire";
            if (alert.acked) return "it is acknowledged already";
        } else if (alert.opened != known->second.opened) {
            return "it opens again";
        }
        if (auto what = of_count(alert, is_new ? 0 : known->second.runs); !what.empty()) return what;
        if (!is_new && !alert.acked != !known->second.acked && alert.acked != world_.now.wall)
            return "acknowledged oddly";
        if (alert.closed) return of_closed(alert, job, *run);
        const bool now_bad =
            at != after_.end() && (!stored || stored->state != run->state) && run->reason != Reason::marked;
        if (now_bad && is_bad_end(*run) && alert.kind != Kind::failure) return "its run has failed";
        if (now_bad && run->state == State::missed && alert.kind != Kind::missed) return "its run was missed";
        return "";
    }

    // Each run that failed, was late or was missed counts once.
    std::string of_count(const Alert& alert, int before) const {
        int more = before == 0 ? 1 : 0;
        for (const auto& [id, run] : after_) {
            const auto old = row(id);
            const bool is_counted = run->job == alert.job && run->alert == alert.run && id != alert.run;
            more += is_counted && (!old || old->alert != alert.run);
        }
        const bool by_blocked = !alert.told_too.empty();  // a stopped run opens or counts in it for a blocked job
        if (alert.runs < before + more || (!by_blocked && alert.runs != before + more))
            return fmt::format("it counts {} runs instead of {}", alert.runs, before + more);
        return "";
    }

    std::string of_closed(const Alert& alert, const Job& job, const Run& run) const {
        if (alert.closed != world_.now.wall) return "it closes at another time";
        Targets words;
        for (const Notice& notice : batch_.notices)
            if (notice.alert == alert.run && notice.kind == Kind::closed) words.insert(notice.target);
        const bool by_operator = !alert.closed_by.empty() && words == audience(alert, job);
        if (by_operator) return "";
        // Also another run of the same fire, such as a backfilled one.
        bool has_ended_well = run.state == State::success || run.state == State::skipped;
        for (const auto& [id, one] : after_)
            has_ended_well = has_ended_well ||
                             (one->job == alert.job && (one->state == State::success || one->state == State::skipped));
        if (!has_ended_well) return "it closes, and its run has not succeeded";
        Targets told_recovery;
        for (const Notice& notice : batch_.notices)
            if (notice.alert == alert.run && notice.kind == Kind::recovery) told_recovery.insert(notice.target);
        for (const std::string& target : targets_of(job.rules(), Kind::recovery))
            if (!told_recovery.contains(target)) return "not all of `notify.recovery` are told";
        for (const auto& [target, too] : alert.told_too)
            if (too.recovery && !told_recovery.contains(target)) return "a blocked job's target is not told";
        return "";
    }

    const StepWrites& batch_;
    const World& world_;
    std::map<JobName, Alert> before_;
    std::map<RunId, const Run*> after_;
};

}  // namespace

std::string check_written_messages(const StepWrites& batch, const World& world) {
    const std::string what = Written(batch, world).wrong();
    return what.empty() ? "" : "checker 15: " + what;
}

std::string check_overdue_messages(const Engine& engine, const World& world) {
    for (const auto& [name, alert] : engine.alerts()) {
        const Job& job = world.plan.jobs.at(name);
        if (!alert.acked && job.rules().repeat && world.now.wall >= alert.told + *job.rules().repeat)
            return fmt::format("checker 15: the alert of run {} of {} is not repeated", alert.run, name);
    }
    for (const auto& [id, run] : engine.unfinished())
        if (run.deadline && *run.deadline <= world.now.wall)
            return fmt::format("checker 15: run {} of {} is late, and no message says so", id, run.job);
    return "";
}

}  // namespace mc::sim
