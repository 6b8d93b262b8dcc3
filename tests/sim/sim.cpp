#include "sim/sim.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "base/hash.h"
#include "engine/upstream.h"
#include "sim/claims.h"
#include "sim/deliveries.h"
#include "sim/incidents.h"
#include "sim/rules.h"
#include "support/context.h"

namespace mc::sim {

namespace {

using test::Machine;

class Sim {
   public:
    Sim(std::uint64_t seed, Planted planted)
        : random_(seed),
          planted_(planted),
          story_(draw_story(random_)),
          wall_(story_.start),
          loaded_(planted_plan(story_.plan, planted)),
          deliveries_(store_, random_, planted, [this](const auto& ended) { return message_ended(ended); }) {
        static std::uint64_t uncounted = 0;  // the planted chance of checker 9, and of nothing else
        if (planted == Planted::uncounted_chance) trace_ += ++uncounted;
    }
    Verdict run();

   private:
    void restart();
    void crash();
    void step(const Event& event);
    bool carry_out(std::vector<Action> actions);  // false: the daemon died on the way
    bool write(const Batch& batch);
    void spawn(const Run& run);
    void rewrite_end(Batch& batch);
    void check_update(const Run& run);
    void check_order(const Job& job, const Run& run);
    bool message_ended(const notify::ActionEnded& ended);
    void incident();
    void answer_probes();
    void advance(Instant limit);
    void drain_backlog();
    void empty_outbox();
    bool must_drain(const Run& run, Instant quiet) const;
    bool waits_for_good(const Run& run) const;
    Now now() const { return {wall_, up_}; }
    void broken(std::string what) {
        if (verdict_.broken.empty()) verdict_.broken = std::move(what);
    }

    Random random_;
    Planted planted_;
    Story story_;
    Instant wall_;
    Instant latest_;  // the highest that the wall clock has shown: it may be set back later
    Seconds up_{100};
    int boot_ = 1;
    bool faults_ = true;
    test::FullDisk store_;
    std::shared_ptr<const Plan> loaded_;  // the story's, unless a fault is planted in it
    Deliveries deliveries_;
    std::unique_ptr<Engine> engine_;
    Machine machine_;
    std::map<std::pair<RunId, int>, Run> spawned_;
    std::map<RunId, int> again_;                   // how often a run was put back
    std::optional<std::pair<RunId, int>> rumour_;  // planted: taken for ended
    std::optional<Run> ended_;                     // planted: to be written once more
    std::optional<Instant> planned_through_;       // what the store has
    std::set<RunId> stillborn_;                    // whose first row was missed or superseded
    std::set<RunId> reopened_;                     // that had ended
    RunId last_run_ = 0;
    bool clears_now_ = false, clock_was_set_ = false;
    std::set<RunId> clearing_;  // runs of clears under way
    std::uint64_t trace_ = 0;
    std::vector<Probe> probes_;  // not answered yet
    Verdict verdict_;
};

std::string to_line(const Action& action) {
    if (const auto* write = std::get_if<Write>(&action))
        return fmt::format("write {} {} {}", write->batch.inserted.size(), write->batch.updated.size(),
                           write->batch.notices.size());
    if (const auto* spawn = std::get_if<Spawn>(&action))
        return fmt::format("spawn {} {}", spawn->run.id, spawn->run.attempt);
    if (const auto* signal = std::get_if<Signal>(&action))
        return fmt::format("signal {} {}", signal->run, signal->number);
    if (const auto* probe = std::get_if<Probe>(&action))
        return fmt::format("probe {} {} {}", probe->run, probe->sensor, probe->what);
    return "reply " + std::get<Reply>(action).text;
}

bool Sim::write(const Batch& batch) {
    if (faults_ && random_.one_in(60)) return false;  // disk full, busy: the daemon starts over from the store
    Batch written = batch;
    if (planted_ == Planted::late_by_a_minute)
        for (Run& run : written.inserted) run.fire += Seconds{60};
    if (planted_ == Planted::reasonless)
        for (Run& run : written.inserted)
            if (run.state == State::waiting) run.reason = Reason::none;
    if (planted_ == Planted::lost_notices) written.notices.clear();
    if (planted_ == Planted::unnamed_victims)
        for (Notice& notice : written.notices) notice.behind.clear();
    if (planted_ == Planted::silent_delays)
        std::erase_if(written.notices, [](const Notice& notice) { return notice.kind == NoticeKind::late; });
    if (planted_ == Planted::rewritten_ends) rewrite_end(written);
    for (const auto* rows : {&written.inserted, &written.updated})
        for (const Run& run : *rows)
            if ((run.state == State::waiting || run.state == State::queued) && run.reason == Reason::none)
                broken(fmt::format("reason: run {} of {} waits for nothing", run.id, run.job));
    for (const Run& run : written.updated) check_update(run);
    const auto done = store_.commit(written);
    if (!done) broken("checker 1: the store refused: " + done.error().what);
    deliveries_.called_back(written.cancelled_actions);
    deliveries_.asked(written.notices);
    if (batch.planned_through) planned_through_ = batch.planned_through;
    for (const Run& run : batch.inserted) {
        last_run_ = std::max(last_run_, run.id);
        if (run.state == State::missed || run.reason == Reason::superseded) stillborn_.insert(run.id);
    }
    return done.has_value();
}

// The last run that ended is written once more, as if it had ended now, unless it goes on since.
void Sim::rewrite_end(Batch& batch) {
    const auto same = [this](const Run& run) { return run.id == ended_->id; };
    if (ended_ && std::none_of(batch.updated.begin(), batch.updated.end(), same)) {
        ended_->finished = wall_;
        batch.updated.push_back(*ended_);
    }
    ended_.reset();
    for (const Run& run : batch.updated)
        if (run.state == State::success && run.clearing == 0) ended_ = run;
}

// 6. A finished run changes only where it is put back or marked; and nothing of a chain that was cleared still
// writes when it is put back. Every run that waits says for what.
void Sim::check_update(const Run& run) {
    const auto before = store_.by_id(run.id);
    if (!before) return;
    if (before->clearing != 0 && run.clearing == 0)
        for (const auto& [id, attempt] : machine_.alive(now()))
            if (clearing_.contains(id))
                broken(fmt::format("cleared: run {} is put back while run {} runs", run.id, id));
    if (run.clearing != 0) clearing_.insert(run.id);
    else clearing_.erase(run.id);
    if (run.attempts_before > before->attempts_before) ++again_[run.id];
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
    const bool decided_again =
        before->state == State::upstream_failed || was_cleared || was_filled_in || run.reason == Reason::when_false;
    if (!is_again && !decided_again && run.reason != Reason::marked && same != *before)
        broken(fmt::format("checker 6: run {} of {} changes after its end: {} {} to {} {}", run.id, run.job,
                           to_text(before->state), to_text(before->reason), to_text(run.state), to_text(run.reason)));
}

// 4. No run starts before its trigger rule is met, and its own past has succeeded; none at all where its `when` is
// false.
void Sim::check_order(const Job& job, const Run& run) {
    if (run.past_gates || run.attempt != run.attempts_before + 1 || run.started != wall_) return;
    // Only odd days are drawn.
    const bool is_even = static_cast<unsigned>(civil(run.logical_date).day()) % 2 == 0;
    if (!job.has_schedule() && job.schedule.when && is_even)
        broken(fmt::format("when: run {} of {} starts on {}", run.id, run.job, to_string(run.logical_date)));
    if (job.after)
        if (auto what = check_rule(*story_.plan, store_, job, run); !what.empty()) broken(std::move(what));
    const History history{*story_.plan, store_, planned_through_.value_or(wall_)};
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

bool Sim::carry_out(std::vector<Action> actions) {
    if (planted_ == Planted::spawn_before_claim) std::reverse(actions.begin(), actions.end());
    const bool crash = faults_ && random_.one_in(8);
    const auto cut =
        crash ? static_cast<std::size_t>(random_.below(static_cast<std::int64_t>(actions.size()) + 1)) : actions.size();
    for (std::size_t i = 0; i < cut; ++i) {
        trace_ = stable_hash(to_line(actions[i]), trace_);
        if (const auto* batch = std::get_if<Write>(&actions[i])) {
            if (!write(batch->batch)) return false;
        } else if (const auto* start = std::get_if<Spawn>(&actions[i])) {
            spawn(start->run);
        } else if (const auto* signal = std::get_if<Signal>(&actions[i])) {
            machine_.signal(signal->run, signal->attempt, signal->number, now());
            if (planted_ == Planted::deaf_to_survivors) rumour_ = {signal->run, signal->attempt};
        } else if (const auto* probe = std::get_if<Probe>(&actions[i])) {
            probes_.push_back(*probe);
        }
    }
    return !crash;
}

// 1. A start stands in the ledger before it is made. 3. Overlap and pool limits hold at every start, and claims.
void Sim::spawn(const Run& run) {
    const auto claim = store_.by_id(run.id);
    if (!claim || claim->state != State::running || claim->attempt != run.attempt)
        broken(
            fmt::format("checker 1: attempt {} of run {} starts, and the ledger does not say so", run.attempt, run.id));
    const Job& job = story_.plan->jobs.at(run.job);
    int pooled = 0;
    std::string beside;
    std::vector<const Run*> others;
    for (const auto& key : machine_.alive(now())) {
        const Run& other = spawned_.at(key);
        if (key == std::pair{run.id, run.attempt}) continue;
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
    test::Behaviour behaviour = draw_behaviour(random_);
    // What is cleared yields to live fires: a job that is too slow for its own schedule would never come to it.
    if (!faults_) behaviour.takes = std::min(behaviour.takes, Seconds{60});
    if (faults_ && random_.one_in(15)) {
        const auto of = random_.one_in(2) ? Hindrance::Of::every_run : Hindrance::Of::this_run;
        behaviour.hindrance = Hindrance{of, "cannot begin now"};
    }
    if (!machine_.spawn(run, behaviour, now()) || machine_.state(run.id, run.attempt, now()) == Machine::Kind::absent)
        return;
    check_order(job, run);
    if (run.fire > latest_ && job.has_schedule())
        broken(fmt::format("checker 7: {} started before its fire {}", run.job, to_string(run.fire)));
    if (job.wait_until && !run.past_gates && run.attempt == run.attempts_before + 1 && latest_ < run.fire + wait_drawn)
        broken(fmt::format("checker 7: run {} of {} started before its wait_until", run.id, run.job));
    const auto record = store_.record_of(run.job);
    if (record && record->held() && !run.past_gates && run.started >= record->hold->since)
        broken(fmt::format("held: run {} of {} started all the same", run.id, run.job));
    spawned_.emplace(std::pair{run.id, run.attempt}, run);
    if (job.overlap != Overlap::allow && !beside.empty()) broken(fmt::format("checker 3: {}: {}", run.job, beside));
    if (!job.pool.empty() && pooled >= story_.plan->pools.at(job.pool)) broken("checker 3: the pool is exceeded");
    if (auto what = check_capacity(*story_.plan, run, others); !what.empty()) broken(std::move(what));
}

void Sim::step(const Event& event) {
    latest_ = std::max(latest_, wall_);
    if (!carry_out(engine_->step(event, now()))) crash();
    else if (auto what = check_waits(*story_.plan, engine_->unfinished(), wall_); !what.empty())
        broken(std::move(what));
}

// The end of a run that is a message. False: the daemon died on the way.
bool Sim::message_ended(const notify::ActionEnded& ended) {
    Outcome outcome;
    outcome.run = ended.run;
    outcome.attempt = ended.attempt;
    if (ended.delivered || planted_ == Planted::deaf_to_refusals) outcome.exit_code = 0;
    else outcome.spawn_error = ended.error;
    return carry_out(engine_->step(AttemptsEnded{{outcome}}, now()));
}

void Sim::crash() {
    ++verdict_.crashes;
    engine_.reset();
    if (faults_ && random_.one_in(4)) {  // down for a while
        const Seconds pause{random_.below(4 * 3600)};
        wall_ += pause;
        up_ += pause;
    }
    if (faults_ && random_.one_in(10)) {
        machine_.reboot(now());
        ++boot_;
        up_ = Seconds{20};
    }
    restart();
}

// Until a daemon has come up whole: it may die while it starts, too.
void Sim::restart() {
    probes_.clear();
    latest_ = std::max(latest_, wall_);
    while (true) {
        Recovered recovered = *store_.recover();
        if (planted_ == Planted::forget_history && recovered.planned_through) recovered.planned_through = wall_;
        if (planted_ == Planted::forget_open_runs) recovered.unfinished.clear();
        if (planted_ == Planted::forget_alerts) recovered.alerts.clear();
        if (planted_ == Planted::forget_holds)
            for (JobRecord& record : recovered.jobs) record.hold = {};
        const std::string boot = fmt::format("boot {}", boot_);
        std::vector<Outcome> over;
        if (planted_ != Planted::deaf_to_ends) over = machine_.over(recovered.unfinished, now());
        engine_ = std::make_unique<Engine>(std::move(recovered), store_, test::read_context(), boot);
        probes_.clear();
        deliveries_.restart(now());
        if (!carry_out(engine_->step(PlanLoaded{loaded_, std::move(over)}, now()))) {
            ++verdict_.crashes;
            continue;
        }
        (void)store_.remember_boot(boot);
        for (const auto& [id, run] : engine_->unfinished()) {
            const bool is_message = std::holds_alternative<SlackPost>(story_.plan->jobs.at(run.job).action);
            if (run.state != State::running || is_message) continue;
            if (machine_.state(id, run.attempt, now()) == Machine::Kind::absent) spawn(run);
        }
        return;
    }
}

void Sim::incident() {
    switch (random_.below(14)) {
        case 0:  // the clock is set, at most an hour forward or back
            clock_was_set_ = true;
            wall_ += Seconds{random_.below(7200) - 3600};
            return step(Woke{});
        case 1:  // the machine sleeps
            wall_ += Seconds{random_.below(5 * 3600)};
            return step(Woke{});
        default: break;
    }
    const Event request = draw_request(random_, {*engine_, store_, loaded_, last_run_, wall_});
    clears_now_ = std::holds_alternative<ClearAsked>(request);
    step(request);
    clears_now_ = false;
}

// A sensor passes now and then; without faults, at once.
void Sim::answer_probes() {
    while (!probes_.empty()) {
        SensorsAnswered answered;
        for (const Probe& probe : std::exchange(probes_, {})) {
            if (faults_ && random_.one_in(50)) continue;  // it hangs, until the next daemon looks
            answered.answers.push_back({probe.run, probe.sensor, probe.look, !faults_ || random_.one_in(4), "", {}});
        }
        step(answered);
    }
}

void Sim::advance(Instant limit) {
    answer_probes();
    if (!deliveries_.pump(now(), faults_)) crash();
    if (auto what = deliveries_.check(false); !what.empty()) broken(std::move(what));
    const Wake wake = engine_->next_wake();
    Seconds ahead = limit - wall_;
    if (wake.wall) ahead = std::min(ahead, *wake.wall - wall_);
    if (wake.up) ahead = std::min(ahead, *wake.up - up_);
    if (const auto end = machine_.next_end()) ahead = std::min(ahead, *end - up_);
    if (const auto letter = deliveries_.wake()) ahead = std::min(ahead, *letter - up_);
    ahead = std::max(ahead, Seconds{0});
    wall_ += ahead;
    up_ += ahead;
    auto ended = machine_.take_ended(now());
    if (rumour_) {
        Outcome outcome;
        std::tie(outcome.run, outcome.attempt) = *std::exchange(rumour_, {});
        outcome.signal = 15;
        outcome.started = outcome.finished = wall_;
        ended.push_back(outcome);
    }
    if (!ended.empty() && planted_ != Planted::deaf_to_ends) step(AttemptsEnded{ended});
    const Wake due = engine_->next_wake();
    if ((due.wall && *due.wall <= wall_) || (due.up && *due.up <= up_)) step(Woke{});
}

// What waits for a failure of its own past, or for a run of a date to come, waits for a person, or for its time.
bool Sim::must_drain(const Run& run, Instant quiet) const {
    return run.fire <= quiet &&
           !(run.state == State::waiting && run.reason == Reason::dependency && waits_for_good(run));
}

bool Sim::waits_for_good(const Run& run) const {
    const Job& job = story_.plan->jobs.at(run.job);
    const History history{*story_.plan, store_, wall_};
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
    restart();  // looks that hang are never answered, and a sensor may have no timeout
    for (const auto& [name, job] : story_.plan->jobs) step(ReleaseAsked{name, "sim"});
    const Instant quiet = wall_;
    for (int steps = 0; steps < 20'000; ++steps) {
        const auto& open = engine_->unfinished();
        const bool drained =
            std::none_of(open.begin(), open.end(), [&](const auto& entry) { return must_drain(entry.second, quiet); });
        if (drained) return;
        advance(wall_ + Seconds{3600});
    }
    std::string left;
    for (const auto& [id, run] : engine_->unfinished())
        if (must_drain(run, quiet) && left.size() < 500)
            left += fmt::format("\n  run {} of {} for {}: {} {} {}", id, run.job, to_string(run.logical_date),
                                to_text(run.state), to_text(run.reason), run.detail);
    broken("checker 8: the backlog does not drain" + left);
}

// 5. Once faults stop, what was asked to be told has soon been told; no more is asked meanwhile.
void Sim::empty_outbox() {
    for (int steps = 0; steps < 20'000 && deliveries_.wake() && verdict_.broken.empty(); ++steps) {
        const Seconds ahead = std::max(Seconds{0}, *deliveries_.wake() - up_);
        wall_ += ahead;
        up_ += ahead;
        (void)deliveries_.pump(now(), faults_);
    }
    if (auto what = deliveries_.check(true); !what.empty()) broken(std::move(what));
}

Verdict Sim::run() {
    restart();
    const Instant end = story_.start + story_.length;
    for (int steps = 0; wall_ < end && verdict_.broken.empty() && steps < 100'000; ++steps) {
        if (random_.one_in(40)) incident();
        advance(std::min(end, wall_ + Seconds{3600}));
    }
    drain_backlog();
    empty_outbox();
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
    for (const auto& check :
         {check_starts, check_every_fire, check_told, check_late, check_messages, check_alerts, check_promised})
        if (auto what = check(past); !what.empty()) broken(std::move(what));
    verdict_.trace = trace_;
    return verdict_;
}

}  // namespace

Verdict simulate(std::uint64_t seed, Planted planted) { return Sim(seed, planted).run(); }

}  // namespace mc::sim
