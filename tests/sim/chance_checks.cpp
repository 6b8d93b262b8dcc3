// chance_checks.cpp — the checks at each start and each write.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "engine/upstream.h"
#include "sim/chance.h"
#include "sim/claims.h"
#include "sim/ends.h"
#include "sim/messages.h"
#include "sim/planning.h"
#include "sim/rules.h"

namespace mc::sim {

// 1. A start is in the ledger before it is made.
void Sim::check_claim(const os::Launch& launch) {
    note(fmt::format("spawn {} {}", launch.run, launch.attempt));
    const auto claim = store_.by_id(launch.run).value();
    if (!claim || claim->state != State::running || claim->attempt != launch.attempt)
        return broken(fmt::format("checker 1: attempt {} of run {} starts without a row in the ledger", launch.attempt,
                                  launch.run));
    launched_.insert_or_assign(std::tuple{claim->job, claim->key, launch.attempt},
                               Launched{{launch.run, launch.attempt}, launch.identity});
}

void Sim::check_start(const os::Launch& launch) {
    const auto claim = store_.by_id(launch.run).value();
    if (!claim) return;
    spawned_.insert_or_assign(os::AttemptId{launch.run, launch.attempt}, *claim);
    const Job& job = story_.plan->jobs.at(claim->job);
    if (was_restored_) return;  // runs that the restored ledger does not contain may also be running
    check_order(job, *claim);
    check_times(*claim, job);
    if (auto what = check_start_of(*claim, world(), sensing_, clock_was_set_); !what.empty()) broken(std::move(what));
    check_beside(*claim, job);
}

void Sim::check_times(const Run& run, const Job& job) {
    if (run.fire > latest_ && job.has_schedule())
        broken(fmt::format("checker 7: {} started before its fire {}", run.job, to_string(run.fire)));
    if (job.wait_until && !run.bypasses_gates && run.attempt == run.attempts_before + 1 &&
        latest_ < run.fire + wait_drawn)
        broken(fmt::format("checker 7: run {} of {} started before its wait_until", run.id, run.job));
    const auto record = store_.record_of(run.job).value();
    // A start that was written before the hold may be made after it.
    const auto claimed = claimed_.find({run.id, run.attempt});
    if (record && record->held() && !run.bypasses_gates && claimed != claimed_.end() &&
        claimed->second > record->hold->since)
        broken(fmt::format("held: run {} of {} started anyway", run.id, run.job));
}

// 12, 14, 15. Before the write is stored. A restored ledger lacks runs that the checks would ask for.
void Sim::check_write(const StepWrites& batch) {
    if (was_restored_) return;
    const World before = world();
    const bool is_change = before_change_ && batch.operator_note == change_note;
    if (is_change) {
        if (auto what = check_moved_fires(batch, *before_change_, before); !what.empty()) broken(std::move(what));
        expected_ = answer_to_change(batch, *before_change_, before);
    } else if (planned_through_) {
        if (auto what = check_due_fires(batch, before); !what.empty()) broken(std::move(what));
    }
    for (const auto* rows : {&batch.inserted, &batch.updated})
        for (const Run& run : *rows) {
            const auto old = store_.by_id(run.id).value();
            if (!is_change && run.reason == Reason::no_fire && (!old || old->reason != run.reason))
                broken(fmt::format("checker 17: run {} of {} loses its fire without a change", run.id, run.job));
            auto what = check_move({old ? &*old : nullptr, run, batch, before, sensing_, clock_was_set_});
            if (!what.empty()) broken(std::move(what));
        }
    if (auto what = check_written_messages(batch, before); !what.empty()) broken(std::move(what));
}

// 12. After the write is stored.
void Sim::check_written(const StepWrites& batch) {
    if (was_restored_) return;
    const World after = world();
    for (const auto* rows : {&batch.inserted, &batch.updated})
        for (const Run& run : *rows)
            if (auto what = check_blocked(run, after); !what.empty()) broken(std::move(what));
}

// Whether the daemon has done all that is due.
bool Sim::is_settled() const {
    if (!shell_->engine_or_null() || !machine_.is_connected() || machine_.has_news()) return false;
    const Wake wake = shell_->wake();
    return !(wake.wall && *wake.wall <= wall()) && !(wake.up && *wake.up <= clock_.up_seconds());
}

namespace {

// 7. The daemon's next fire of a job, each time of another one, is the first that its schedule has.
std::string check_next(const Engine& engine, const World& world) {
    const auto turn = world.now.up.count() % static_cast<std::int64_t>(world.plan.jobs.size());
    const auto& [name, job] = *std::next(world.plan.jobs.begin(), turn);
    if (!job.has_schedule() || !job.enabled) return "";
    constexpr Seconds ahead{20 * 86400};
    const auto fires =
        next_fires(job.schedule, *world.plan.calendars, world.planned_through, world.planned_through + ahead);
    if (!fires || fires->empty() || world.ledger.by_key(name, fires->front().key).value()) return "";
    const auto shown = engine.next_fire(name);
    const bool is_it = shown && *shown && (*shown)->key == fires->front().key && (*shown)->due == fires->front().due;
    return is_it ? "" : fmt::format("checker 7: {} is due at {}, and not next", name, to_string(fires->front().due));
}

}  // namespace

// 7, 13, 15.
void Sim::check_settled() {
    const Engine* engine = shell_->engine_or_null();
    if (!faults_ || was_restored_ || !is_settled()) return;
    const World settled = world();
    if (auto what = check_reasons(*engine, settled, sensing_, refusals_); !what.empty()) broken(std::move(what));
    if (auto what = check_overdue_messages(*engine, settled); !what.empty()) broken(std::move(what));
    faults_ = false;  // this question does not fail
    if (auto what = check_next(*engine, settled); !what.empty()) broken(std::move(what));
    faults_ = true;
}

// 3. Overlap, pool and capacity limits hold at every start.
void Sim::check_beside(const Run& run, const Job& job) {
    int pooled = 0;
    std::string beside;
    std::vector<const Run*> others;
    for (const auto& key : machine_.alive()) {
        if (key == os::AttemptId{run.id, run.attempt}) continue;
        const Run& other = spawned_.at(key);
        others.push_back(&other);
        // A live run does not wait for a caught-up one; and a start decided before a crash is carried out after
        // it, perhaps together with a start decided later.
        const auto late = [](const Run& r) { return r.origin == Origin::catch_up || r.origin == Origin::backfill; };
        const bool against = !late(other) ? !late(run) || other.started < run.started : late(run);
        if (other.job == run.job && against)
            beside = fmt::format("run {} ({}) beside run {} ({})", run.id, to_text(run.origin), other.id,
                                 to_text(other.origin));
        if (!job.pool.empty() && story_.plan->jobs.at(other.job).pool == job.pool) ++pooled;
    }
    if (job.overlap != Overlap::allow && !beside.empty()) broken(fmt::format("checker 3: {}: {}", run.job, beside));
    if (!job.pool.empty() && pooled >= story_.plan->pools.at(job.pool)) broken("checker 3: the pool is exceeded");
    if (auto what = check_capacity(*story_.plan, run, others); !what.empty()) broken(std::move(what));
}

// 10. An attempt's result is that of its own process.
void Sim::check_result(const Attempt& attempt, const StepWrites& batch) {
    if (!attempt.exit_code && !attempt.signal) return;
    auto run = store_.by_id(attempt.run).value();
    for (const auto* rows : {&batch.inserted, &batch.updated})
        for (const Run& row : *rows)
            if (row.id == attempt.run) run = row;
    if (!run || rumours_.contains({attempt.run, attempt.number})) return;
    const auto launched = launched_.find({run->job, run->key, attempt.number});
    if (std::holds_alternative<SlackPost>(story_.plan->jobs.at(run->job).action)) return;
    const auto truth =
        launched == launched_.end() ? std::nullopt : machine_.truth(launched->second.as, launched->second.identity);
    if (!truth || truth->gone || truth->exit_code != attempt.exit_code || truth->signal != attempt.signal)
        broken(fmt::format("result: attempt {} of run {} of {} has another's result: exit code {}, its own {}",
                           attempt.number, attempt.run, run->job, attempt.exit_code.value_or(-1),
                           !truth ? "has not come" : fmt::format("is {}", truth->exit_code.value_or(-1))));
}

// 6. A finished run changes only if it is reset or marked; and no run of a cleared chain is still running when the
// chain is reset. Every waiting run has a reason.
void Sim::check_update(const Run& run) {
    const auto before = store_.by_id(run.id).value();
    if (!before) return;
    // `stop` takes a run that has ended out of the clear, and it stays as it is.
    const bool stays = run.state == before->state && run.finished == before->finished;
    if (before->clearing != 0 && run.clearing == 0 && !stays)
        for (const auto& [id, attempt] : machine_.alive()) {
            const auto clear = clearing_.find(id);  // two may be in progress at the same time
            if (clear != clearing_.end() && clear->second == before->clearing)
                broken(fmt::format("cleared: run {} is reset while run {} runs", run.id, id));
        }
    if (run.clearing != 0) clearing_.insert_or_assign(run.id, run.clearing);
    else clearing_.erase(run.id);
    if (run.attempts_before > before->attempts_before) ++again_[{run.job, run.key}];
    if (!finished(before->state)) return;
    const bool is_again = !finished(run.state);
    if (is_again) reopened_.insert(run.id);
    Run same = run;
    same.deadline = before->deadline;
    same.clearing = before->clearing;
    same.alert = before->alert;  // opened because it is late
    // A run that was reset may be decided in the same step.
    const bool was_cleared = run.clearing == 0 && (before->clearing != 0 || clears_now_);
    const bool was_filled_in =
        run.origin == Origin::backfill &&
        (run.batch != before->batch || run.reason == Reason::latest_only || before->state == State::missed);
    const bool was_found =
        was_restored_ && run.attempt > before->attempt;  // an attempt that the restored ledger did not contain
    const bool decided_again = was_found || before->state == State::upstream_failed || was_cleared || was_filled_in ||
                               run.reason == Reason::when_false;
    if (!is_again && !decided_again && run.reason != Reason::marked && same != *before)
        broken(fmt::format("checker 6: run {} of {} changes after its end: {} {} to {} {}", run.id, run.job,
                           to_text(before->state), to_text(before->reason), to_text(run.state), to_text(run.reason)));
}

namespace {

std::string check_gates(const Job& job, const Run& run, const History& history) {
    std::vector<UpstreamStatus> looks;
    if (job.after)
        for (const Upstream& upstream : job.after->upstreams) {
            UpstreamStatus& look = looks.emplace_back(status_of(upstream, run.logical_date, history));
            if (run.assume_upstream && look.basis == UpstreamStatus::Basis::no_run)
                look.standing = UpstreamStatus::Standing::success;
        }
    if (job.after && judge(job.after->trigger, looks) != mc::TriggerVerdict::start)
        return fmt::format("checker 4: run {} of {} starts, but {} is not met", run.id, run.job,
                           to_text(job.after->trigger));
    if (job.depends_on_past &&
        status_of_past(job, run.logical_date, history).standing != UpstreamStatus::Standing::success)
        return fmt::format("checker 4: run {} of {} starts before its past has succeeded", run.id, run.job);
    return "";
}

}  // namespace

// 4. No run starts before its trigger rule is met and its previous date has succeeded; none starts if its `when` is
// false.
void Sim::check_order(const Job& job, const Run& run) {
    if (run.bypasses_gates || run.attempt != run.attempts_before + 1 || run.started != wall()) return;
    // Stories draw only `when` that is true on odd days.
    const bool is_even = static_cast<unsigned>(civil(run.logical_date).day()) % 2 == 0;
    if (!job.has_schedule() && job.schedule.when && is_even)
        broken(fmt::format("when: run {} of {} starts on {}", run.id, run.job, to_string(run.logical_date)));
    if (job.after)
        if (auto what = check_rule(*story_.plan, store_, job, run); !what.empty()) broken(std::move(what));
    const auto what = asking(store_, [&](mc::Past& past) {
        return check_gates(job, run, {*story_.plan, past, planned_through_.value_or(wall())});
    });
    if (!what->empty()) broken(*what);
}

// Writes the last run that ended again, as if it had ended now, unless it has changed since.
void Sim::rewrite_end(StepWrites& batch) {
    const auto same = [this](const Run& run) { return run.id == ended_->id; };
    if (ended_ && std::none_of(batch.updated.begin(), batch.updated.end(), same)) {
        ended_->finished = wall();
        batch.updated.push_back(*ended_);
    }
    ended_.reset();
    for (const Run& run : batch.updated)
        if (run.state == State::success && run.clearing == 0) ended_ = run;
}

}  // namespace mc::sim
