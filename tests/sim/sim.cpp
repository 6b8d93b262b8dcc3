#include "sim/sim.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "base/hash.h"
#include "engine/upstream.h"
#include "shell/attempt_owner.h"
#include "shell/shell.h"
#include "sim/claims.h"
#include "sim/deliveries.h"
#include "sim/incidents.h"
#include "sim/machine.h"
#include "sim/rules.h"
#include "sim/sim_store.h"
#include "support/context.h"

namespace mc::sim {

namespace {

class Sim {
   public:
    Sim(std::uint64_t seed, Planted planted)
        : random_(seed),
          planted_(planted),
          story_(draw_story(random_)),
          clock_(story_.start, Seconds{100}),
          loaded_(planted_plan(story_.plan, planted)),
          deliveries_(store_, random_, planted, [this](const auto& ended) { return message_ended(ended); }),
          machine_(clock_, planted, [this](const os::Launch&) { return behaviour(); },
                   {[this] { point(); }, [this](const os::Launch& launch) { check_claim(launch); },
                    [this](os::AttemptId attempt, int number) { signalled(attempt, number); },
                    [this](const os::Launch& launch) { check_start(launch); }}) {
        static std::uint64_t uncounted = 0;  // the planted chance of checker 9, and of nothing else
        if (planted == Planted::uncounted_chance) trace_ += ++uncounted;
    }
    Verdict run();

   private:
    // The daemon: it may die at each point, and comes up again.
    void point();
    template <class Call>
    void guarded(Call call);
    void step(const Event& event);
    void crash();
    void restart();
    void start_daemon();
    void restore_ledger();
    // What the shell asks of the world.
    Result<void> commit(const Batch& batch);
    Result<Recovered> recover();
    Behaviour behaviour();
    void signalled(os::AttemptId attempt, int number);
    bool message_ended(const notify::ActionEnded& ended);
    // What must hold at once.
    void check_claim(const os::Launch& launch);
    void check_start(const os::Launch& launch);
    void check_beside(const Run& run, const Job& job);
    void check_times(const Run& run, const Job& job);
    void check_order(const Job& job, const Run& run);
    void check_update(const Run& run);
    void check_result(const Attempt& attempt, const Batch& batch);
    void rewrite_end(Batch& batch);
    void lie(Batch& batch);
    // Chance and time.
    void incident();
    void harm_records();
    void answer_probes();
    void advance(Instant limit);
    void drain_backlog();
    void empty_outbox();
    bool must_drain(const Run& run, Instant quiet) const;
    bool waits_for_good(const Run& run) const;
    std::string check_past();
    Instant wall() const { return clock_.wall_seconds(); }
    Now now() const { return {clock_.wall_seconds(), clock_.up_seconds()}; }
    void note(const std::string& line) {
        trace_ = stable_hash(line, trace_);
        if (getenv("SIM_TRACE")) fmt::print(stderr, "{} {}\n", to_string(wall()), line);
    }
    void broken(std::string what) {
        if (verdict_.broken.empty()) verdict_.broken = std::move(what);
    }

    Random random_;
    Planted planted_;
    Story story_;
    VirtualClock clock_;
    Instant latest_;  // the highest that the wall clock has shown: it may be set back later
    bool faults_ = true;
    std::shared_ptr<ForwardingStore> ledger_ = std::make_shared<ForwardingStore>(make_memory_store());
    test::FullDisk store_{ledger_};
    std::shared_ptr<const Plan> loaded_;  // the story's, unless a fault is planted in it
    Deliveries deliveries_;
    Machine machine_;
    VirtualLauncher launcher_;
    std::unique_ptr<app::Shell> shell_;
    bool is_loading_ = false;
    std::vector<std::pair<Batch, std::string>> log_;  // all that was committed, and in which boot
    std::map<os::AttemptId, Run> spawned_;
    // As what each attempt of a fire was launched.
    struct Launched {
        os::AttemptId as;
        std::string identity;
    };
    std::map<std::tuple<std::string, std::string, int>, Launched> launched_;
    std::map<std::pair<std::string, std::string>, int> again_;  // how often a fire's run was reset
    std::set<os::AttemptId> rumours_;                           // planted: taken for ended
    std::optional<os::AttemptId> rumour_;                       // of them, not told yet
    std::optional<Batch> put_off_;                              // planted: written after what follows it
    std::optional<Run> ended_;                                  // planted: to be written once more
    std::optional<Instant> planned_through_;                    // what the store has
    std::set<RunId> stillborn_;                                 // whose first row was missed or superseded
    std::set<RunId> reopened_;                                  // that had ended
    RunId last_run_ = 0;
    bool clears_now_ = false, clock_was_set_ = false, was_set_forward_ = false, was_restored_ = false;
    std::set<RunId> clearing_;  // runs of clears under way
    std::uint64_t trace_ = 0;
    std::vector<Probe> probes_;  // not answered yet
    Verdict verdict_;
};

// ---- the daemon

void Sim::point() {
    if (faults_ && random_.one_in(40)) throw Crash{};
}

template <class Call>
void Sim::guarded(Call call) {
    latest_ = std::max(latest_, wall());
    try {
        call();
    } catch (const Crash&) {
        return crash();
    }
    if (put_off_) (void)ledger_->commit(*std::exchange(put_off_, {}));
    for (Probe& probe : shell_->take_probes()) {
        note(fmt::format("probe {} {} {}", probe.run, probe.sensor, probe.what));
        probes_.push_back(std::move(probe));
    }
    const Engine* engine = shell_->engine_or_null();
    if (auto what = engine ? check_waits(*story_.plan, engine->unfinished(), wall()) : ""; !what.empty())
        broken(std::move(what));
}

void Sim::step(const Event& event) {
    guarded([&] { (void)shell_->step(event); });
}

// The end of a run that is a message. False: the daemon died on the way.
bool Sim::message_ended(const notify::ActionEnded& ended) {
    Outcome outcome;
    outcome.run = ended.run;
    outcome.attempt = ended.attempt;
    if (ended.delivered || planted_ == Planted::deaf_to_refusals) outcome.exit_code = 0;
    else outcome.spawn_error = ended.error;
    try {
        (void)shell_->step(AttemptsEnded{{outcome}});
    } catch (const Crash&) {
        return false;
    }
    return shell_->engine_or_null() != nullptr;
}

void Sim::crash() {
    ++verdict_.crashes;
    note("crash");
    shell_.reset();
    machine_.disconnect();
    put_off_.reset();
    if (faults_ && random_.one_in(4)) clock_.advance(Seconds{random_.below(4 * 3600)});  // down for a while
    if (faults_ && random_.one_in(10)) {
        machine_.reboot(Seconds{random_.below(300)});
        note("reboot");
        clock_.set_up(Seconds{20});
    }
    if (faults_ && random_.one_in(12)) {  // the clock is set while no daemon runs
        const Seconds by{random_.below(7200) - 3600};
        clock_was_set_ = true;
        was_set_forward_ = was_set_forward_ || by > Seconds{0};
        clock_.set_wall(wall() + by);
    }
    if (faults_ && story_.is_restored && log_.size() > 20 && random_.one_in(6)) restore_ledger();
    restart();
}

// From a backup of some time ago. The machine, and what it has run, stays.
void Sim::restore_ledger() {
    was_restored_ = true;
    note("restore");
    const std::size_t half = log_.size() / 2;
    log_.resize(half + static_cast<std::size_t>(random_.below(static_cast<std::int64_t>(log_.size() - half))));
    std::shared_ptr<RunStore> restored = make_memory_store();
    std::int64_t last_notice = 0;
    for (const auto& [batch, boot] : log_) {
        (void)restored->commit(batch);
        (void)restored->remember_boot(boot);
        for (const Notice& notice : batch.notices) last_notice = std::max(last_notice, notice.id);
    }
    ledger_->put_behind(std::move(restored));
    deliveries_.restored(last_notice);
    clearing_.clear();
    planned_through_ = ledger_->recover()->planned_through;
}

// Until a daemon has come up whole: it may die while it starts, too.
void Sim::restart() {
    latest_ = std::max(latest_, wall());
    for (;;) {
        probes_.clear();
        deliveries_.restart(now());
        is_loading_ = true;
        try {
            start_daemon();
            is_loading_ = false;
            if (put_off_) (void)ledger_->commit(*std::exchange(put_off_, {}));
            probes_ = shell_->take_probes();
            return;
        } catch (const Crash&) {
            ++verdict_.crashes;
            shell_.reset();
            machine_.disconnect();
            put_off_.reset();
        }
    }
}

void Sim::start_daemon() {
    (void)machine_.connect();
    auto store =
        std::make_unique<SimStore>(ledger_, SimStore::Hooks{[this](const Batch& batch) { return commit(batch); },
                                                            [this] { return recover(); }, [this] { point(); }});
    shell_ = std::make_unique<app::Shell>(app::Shell::Surroundings{machine_, clock_, launcher_}, test::read_context(),
                                          std::move(store), app::Shell::Listeners{});
    if (!shell_->load(loaded_)) throw Crash{};
}

// ---- what the shell asks of the world

Result<Recovered> Sim::recover() {
    auto found = ledger_->recover();
    Recovered& recovered = *found;
    const bool forgets = planted_ == Planted::forget_history ||
                         (planted_ == Planted::down_without_a_step && std::exchange(was_set_forward_, false));
    if (forgets && recovered.planned_through) recovered.planned_through = wall();
    if (planted_ == Planted::forget_open_runs) recovered.unfinished.clear();
    if (planted_ == Planted::forget_alerts) recovered.alerts.clear();
    if (planted_ == Planted::forget_holds)
        for (JobRecord& record : recovered.jobs) record.hold = {};
    return found;
}

void Sim::lie(Batch& batch) {
    if (planted_ == Planted::late_by_a_minute)
        for (Run& run : batch.inserted) run.fire += Seconds{60};
    if (planted_ == Planted::reasonless)
        for (Run& run : batch.inserted)
            if (run.state == State::waiting) run.reason = Reason::none;
    if (planted_ == Planted::lost_notices) batch.notices.clear();
    if (planted_ == Planted::unnamed_victims)
        for (Notice& notice : batch.notices) notice.behind.clear();
    if (planted_ == Planted::silent_delays)
        std::erase_if(batch.notices, [](const Notice& notice) { return notice.kind == NoticeKind::late; });
    if (planted_ == Planted::rewritten_ends) rewrite_end(batch);
}

Result<void> Sim::commit(const Batch& batch) {
    note(fmt::format("write {} {} {}", batch.inserted.size(), batch.updated.size(), batch.notices.size()));
    if (faults_ && random_.one_in(60)) return fail(Error::Kind::store, "the disk is full", "make room");
    if (planted_ == Planted::lost_rebuild_writes && is_loading_ && verdict_.crashes > 0) return {};
    Batch written = batch;
    lie(written);
    for (const auto* rows : {&written.inserted, &written.updated})
        for (const Run& run : *rows)
            if ((run.state == State::waiting || run.state == State::queued) && run.reason == Reason::none)
                broken(fmt::format("reason: run {} of {} waits for nothing", run.id, run.job));
    for (const Run& run : written.updated) check_update(run);
    for (const Attempt& attempt : written.attempts) check_result(attempt, written);
    if (planted_ == Planted::spawn_before_claim) {
        if (put_off_) (void)ledger_->commit(*put_off_);
        put_off_ = written;
    } else if (const auto done = ledger_->commit(written); !done) {
        broken("checker 1: the store refused: " + done.error().what);
        return done;
    }
    log_.emplace_back(written, machine_.boot());
    deliveries_.called_back(written.cancelled_actions);
    deliveries_.asked(written.notices);
    if (batch.planned_through) planned_through_ = batch.planned_through;
    for (const Run& run : batch.inserted) {
        last_run_ = std::max(last_run_, run.id);
        if (run.state == State::missed || run.reason == Reason::superseded) stillborn_.insert(run.id);
    }
    return {};
}

Behaviour Sim::behaviour() {
    Behaviour behaviour = draw_behaviour(random_);
    // What is cleared yields to live fires: a job that is too slow for its own schedule would never come to it.
    if (!faults_) behaviour.takes = std::min(behaviour.takes, Seconds{60});
    if (faults_ && random_.one_in(15)) {
        const auto of = random_.one_in(2) ? Hindrance::Of::every_run : Hindrance::Of::this_run;
        behaviour.hindrance = Hindrance{of, "cannot begin now"};
    }
    return behaviour;
}

void Sim::signalled(os::AttemptId attempt, int number) {
    note(fmt::format("signal {} {}", attempt.run, number));
    if (planted_ != Planted::deaf_to_survivors) return;
    rumour_ = attempt;
    rumours_.insert(attempt);
}

// ---- what must hold at once

// 1. A start is in the ledger before it is made.
void Sim::check_claim(const os::Launch& launch) {
    note(fmt::format("spawn {} {}", launch.run, launch.attempt));
    const auto claim = store_.by_id(launch.run);
    if (!claim || claim->state != State::running || claim->attempt != launch.attempt)
        return broken(fmt::format("checker 1: attempt {} of run {} starts, and the ledger does not say so",
                                  launch.attempt, launch.run));
    launched_.insert_or_assign(std::tuple{claim->job, claim->key, launch.attempt},
                               Launched{{launch.run, launch.attempt}, launch.identity});
}

void Sim::check_start(const os::Launch& launch) {
    const auto claim = store_.by_id(launch.run);
    if (!claim) return;
    spawned_.insert_or_assign(os::AttemptId{launch.run, launch.attempt}, *claim);
    const Job& job = story_.plan->jobs.at(claim->job);
    if (was_restored_) return;  // what the ledger has forgotten runs beside it
    check_order(job, *claim);
    check_times(*claim, job);
    check_beside(*claim, job);
}

void Sim::check_times(const Run& run, const Job& job) {
    if (run.fire > latest_ && job.has_schedule())
        broken(fmt::format("checker 7: {} started before its fire {}", run.job, to_string(run.fire)));
    if (job.wait_until && !run.past_gates && run.attempt == run.attempts_before + 1 && latest_ < run.fire + wait_drawn)
        broken(fmt::format("checker 7: run {} of {} started before its wait_until", run.id, run.job));
    const auto record = store_.record_of(run.job);
    if (record && record->held() && !run.past_gates && run.started >= record->hold->since)
        broken(fmt::format("held: run {} of {} started all the same", run.id, run.job));
}

// 3. Overlap and pool limits hold at every start, and claims.
void Sim::check_beside(const Run& run, const Job& job) {
    int pooled = 0;
    std::string beside;
    std::vector<const Run*> others;
    for (const auto& key : machine_.alive()) {
        if (key == os::AttemptId{run.id, run.attempt}) continue;
        const Run& other = spawned_.at(key);
        others.push_back(&other);
        // A live run does not wait for a caught-up one; and a start that was decided before a crash is
        // carried out after it, perhaps beside what was decided later.
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

// 10. What an attempt came to is what its own process came to.
void Sim::check_result(const Attempt& attempt, const Batch& batch) {
    if (!attempt.exit_code && !attempt.signal) return;
    auto run = store_.by_id(attempt.run);
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

// 6. A finished run changes only where it is put back or marked; and nothing of a chain that was cleared still
// writes when it is put back. Every run that waits says for what.
void Sim::check_update(const Run& run) {
    const auto before = store_.by_id(run.id);
    if (!before) return;
    if (before->clearing != 0 && run.clearing == 0)
        for (const auto& [id, attempt] : machine_.alive())
            if (clearing_.contains(id))
                broken(fmt::format("cleared: run {} is put back while run {} runs", run.id, id));
    if (run.clearing != 0) clearing_.insert(run.id);
    else clearing_.erase(run.id);
    if (run.attempts_before > before->attempts_before) ++again_[{run.job, run.key}];
    if (!finished(before->state)) return;
    const bool is_again = !finished(run.state);
    if (is_again) reopened_.insert(run.id);
    Run same = run;
    same.deadline = before->deadline;
    same.clearing = before->clearing;
    same.alert = before->alert;  // it is told as late
    // What waits again may be decided in the same step.
    const bool was_cleared = run.clearing == 0 && (before->clearing != 0 || clears_now_);
    const bool was_filled_in =
        run.origin == Origin::backfill &&
        (run.batch != before->batch || run.reason == Reason::latest_only || before->state == State::missed);
    const bool was_found = was_restored_ && run.attempt > before->attempt;  // an attempt that the ledger had forgotten
    const bool decided_again = was_found || before->state == State::upstream_failed || was_cleared || was_filled_in ||
                               run.reason == Reason::when_false;
    if (!is_again && !decided_again && run.reason != Reason::marked && same != *before)
        broken(fmt::format("checker 6: run {} of {} changes after its end: {} {} to {} {}", run.id, run.job,
                           to_text(before->state), to_text(before->reason), to_text(run.state), to_text(run.reason)));
}

// 4. No run starts before its trigger rule is met, and its own past has succeeded; none at all where its `when` is
// false.
void Sim::check_order(const Job& job, const Run& run) {
    if (run.past_gates || run.attempt != run.attempts_before + 1 || run.started != wall()) return;
    // Only odd days are drawn.
    const bool is_even = static_cast<unsigned>(civil(run.logical_date).day()) % 2 == 0;
    if (!job.has_schedule() && job.schedule.when && is_even)
        broken(fmt::format("when: run {} of {} starts on {}", run.id, run.job, to_string(run.logical_date)));
    if (job.after)
        if (auto what = check_rule(*story_.plan, store_, job, run); !what.empty()) broken(std::move(what));
    const History history{*story_.plan, store_, planned_through_.value_or(wall())};
    std::vector<UpstreamLook> looks;
    if (job.after)
        for (const Upstream& upstream : job.after->upstreams) {
            UpstreamLook& look = looks.emplace_back(look_at(upstream, run.logical_date, history));
            if (run.assume_upstream && look.by == UpstreamLook::By::no_run) look.is = UpstreamLook::Is::success;
        }
    if (job.after && judge(job.after->trigger, looks) != mc::Verdict::start)
        broken(fmt::format("checker 4: run {} of {} starts, and {} is not met", run.id, run.job,
                           to_text(job.after->trigger)));
    if (job.depends_on_past && look_at_past(job, run.logical_date, history).is != UpstreamLook::Is::success)
        broken(fmt::format("checker 4: run {} of {} starts before its past has succeeded", run.id, run.job));
}

// The last run that ended is written once more, as if it had ended now, unless it goes on since.
void Sim::rewrite_end(Batch& batch) {
    const auto same = [this](const Run& run) { return run.id == ended_->id; };
    if (ended_ && std::none_of(batch.updated.begin(), batch.updated.end(), same)) {
        ended_->finished = wall();
        batch.updated.push_back(*ended_);
    }
    ended_.reset();
    for (const Run& run : batch.updated)
        if (run.state == State::success && run.clearing == 0) ended_ = run;
}

// ---- chance and time

void Sim::incident() {
    switch (random_.below(16)) {
        case 0:  // the clock is set, at most an hour forward or back
            clock_was_set_ = true;
            clock_.set_wall(wall() + Seconds{random_.below(7200) - 3600});
            return step(Woke{});
        case 1:  // the machine sleeps
            clock_.set_wall(wall() + Seconds{random_.below(5 * 3600)});
            return step(Woke{});
        case 2:  // the keeper is killed; another one takes its place
            note("keeper");
            return machine_.lose_connection();
        case 3: return harm_records();
        default: break;
    }
    if (!shell_->engine_or_null()) return;
    const Event request = draw_request(random_, {shell_->engine(), store_, loaded_, last_run_, wall()});
    clears_now_ = std::holds_alternative<ClearAsked>(request);
    step(request);
    clears_now_ = false;
}

// Somebody removes the record of a process that lives, or one of another run is where the next one's will be.
void Sim::harm_records() {
    const auto alive = machine_.alive();
    // What a restored ledger has forgotten is known by its record alone.
    if (!alive.empty() && !story_.is_restored && random_.one_in(2))
        return machine_.remove_record(
            alive[static_cast<std::size_t>(random_.below(static_cast<std::int64_t>(alive.size())))]);
    const auto other = last_run_ == 0 ? std::nullopt : store_.by_id(1 + random_.below(last_run_));
    if (other && other->attempt > 0)
        machine_.leave_record({last_run_ + 1 + random_.below(3), 1}, app::owner_text("another", *other), 0);
}

// A sensor passes now and then; without faults, at once.
void Sim::answer_probes() {
    while (!probes_.empty()) {
        SensorsAnswered answered;
        for (const Probe& probe : std::exchange(probes_, {})) {
            if (faults_ && random_.one_in(50)) continue;  // it hangs, until the next daemon checks
            answered.answers.push_back({probe.run, probe.sensor, probe.look, !faults_ || random_.one_in(4), "", {}});
        }
        step(answered);
    }
}

void Sim::advance(Instant limit) {
    answer_probes();
    if (!deliveries_.pump(now(), faults_)) crash();
    if (auto what = deliveries_.check(false); !what.empty() && !was_restored_) broken(std::move(what));
    const Wake wake = shell_->wake();
    Seconds ahead = limit - wall();
    if (wake.wall) ahead = std::min(ahead, *wake.wall - wall());
    if (wake.up) ahead = std::min(ahead, *wake.up - clock_.up_seconds());
    if (const auto news = machine_.next_news()) ahead = std::min(ahead, *news - clock_.up_seconds());
    if (const auto letter = deliveries_.wake()) ahead = std::min(ahead, *letter - clock_.up_seconds());
    clock_.advance(std::max(ahead, Seconds{0}));
    if (machine_.has_news()) guarded([this] { shell_->keeper_readable(); });
    if (rumour_) {
        Outcome outcome;
        outcome.run = rumour_->run;
        outcome.attempt = std::exchange(rumour_, {})->attempt;
        outcome.signal = 15;
        outcome.started = outcome.finished = wall();
        step(AttemptsEnded{{outcome}});
    }
    const Wake due = shell_->wake();
    if ((due.wall && *due.wall <= wall()) || (due.up && *due.up <= clock_.up_seconds())) step(Woke{});
}

// What waits for a failure of its own past, or for a run of a date to come, waits for a person, or for its time.
bool Sim::must_drain(const Run& run, Instant quiet) const {
    return run.fire <= quiet &&
           !(run.state == State::waiting && run.reason == Reason::dependency && waits_for_good(run));
}

bool Sim::waits_for_good(const Run& run) const {
    const Job& job = story_.plan->jobs.at(run.job);
    const History history{*story_.plan, store_, wall()};
    const auto stuck = [&](const UpstreamLook& look) {
        if (look.is == UpstreamLook::Is::success) return false;
        if (look.by == UpstreamLook::By::fire_to_come) return true;
        if (look.is == UpstreamLook::Is::failed) return true;
        const auto other = look.run == 0 ? std::nullopt : store_.by_id(look.run);
        return other && other->state == State::waiting && other->reason == Reason::dependency && other->id != run.id &&
               waits_for_good(*other);
    };
    if (job.depends_on_past && stuck(look_at_past(job, run.logical_date, history))) return true;
    if (!job.after) return false;
    return std::any_of(job.after->upstreams.begin(), job.after->upstreams.end(), [&](const Upstream& upstream) {
        const UpstreamLook look = look_at(upstream, run.logical_date, history);
        return look.is == UpstreamLook::Is::pending && stuck(look);
    });
}

// 8. Once faults stop, what was due before drains within a bound, counted in steps.
void Sim::drain_backlog() {
    faults_ = false;
    shell_.reset();
    machine_.disconnect();
    restart();  // probes that hang are never answered, and a sensor may have no timeout
    for (const auto& [name, job] : story_.plan->jobs) step(ReleaseAsked{name, "sim"});
    const Instant quiet = wall();
    for (int steps = 0; steps < 20'000; ++steps) {
        const auto waits = [&](const auto& entry) { return must_drain(entry.second, quiet); };
        const Engine* engine = shell_->engine_or_null();
        if (engine && std::none_of(engine->unfinished().begin(), engine->unfinished().end(), waits)) return;
        advance(wall() + Seconds{3600});
    }
    std::string left;
    const Recovered last = *ledger_->recover();
    for (const Run& run : last.unfinished)
        if (must_drain(run, quiet) && left.size() < 500)
            left += fmt::format("\n  run {} of {} for {}: {} {} {}", run.id, run.job, to_string(run.logical_date),
                                to_text(run.state), to_text(run.reason), run.detail);
    broken("checker 8: the backlog does not drain" + left);
}

// 5. Once faults stop, what was asked to be told has soon been told; no more is asked meanwhile.
void Sim::empty_outbox() {
    for (int steps = 0; steps < 20'000 && deliveries_.wake() && verdict_.broken.empty(); ++steps) {
        clock_.advance(std::max(Seconds{0}, *deliveries_.wake() - clock_.up_seconds()));
        (void)deliveries_.pump(now(), faults_);
    }
    if (auto what = deliveries_.check(true); !what.empty() && !was_restored_) broken(std::move(what));
}

// Of a ledger that was restored: that nothing ran twice.
std::string Sim::check_past() {
    std::set<std::int64_t> arrived;
    for (const Notice& notice : deliveries_.all())
        if (deliveries_.arrived(notice.id)) arrived.insert(notice.id);
    const Past past{story_,
                    machine_.starts(),
                    again_,
                    stillborn_,
                    reopened_,
                    *store_.runs({}),
                    *store_.recover()->planned_through,
                    deliveries_.all(),
                    std::move(arrived),
                    *store_.alerts(false),
                    clock_was_set_};
    verdict_.fires = past.runs.size();
    if (was_restored_) return check_starts(past);
    for (const auto& check :
         {check_starts, check_every_fire, check_told, check_late, check_messages, check_alerts, check_promised})
        if (auto what = check(past); !what.empty()) return what;
    return {};
}

Verdict Sim::run() {
    restart();
    const Instant end = story_.start + story_.length;
    for (int steps = 0; wall() < end && verdict_.broken.empty() && steps < 100'000; ++steps) {
        if (random_.one_in(40)) incident();
        advance(std::min(end, wall() + Seconds{3600}));
    }
    drain_backlog();
    empty_outbox();
    if (auto what = check_past(); !what.empty()) broken(std::move(what));
    verdict_.trace = trace_;
    return verdict_;
}

}  // namespace

Verdict simulate(std::uint64_t seed, Planted planted) { return Sim(seed, planted).run(); }

}  // namespace mc::sim
