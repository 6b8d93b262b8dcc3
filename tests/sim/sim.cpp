#include "sim/sim.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/upstream.h"
#include "sim/chance.h"
#include "sim/claims.h"
#include "sim/incidents.h"
#include "sim/requests.h"
#include "support/context.h"

namespace mc::sim {

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
    take_probes();
    const Engine* engine = shell_->engine_or_null();
    if (auto what = engine ? check_waits(*story_.plan, engine->unfinished(), wall()) : ""; !what.empty())
        broken(std::move(what));
    if (auto what = check_known(); !what.empty()) broken(std::move(what));
}

void Sim::take_probes() {
    if (std::exchange(is_engine_lost_, false)) sensing_.forget_all();
    if (const Engine* engine = shell_->engine_or_null()) sensing_.update(engine->unfinished());
    for (Probe& probe : shell_->take_probes()) {
        note(fmt::format("probe {} {} {}", probe.run, probe.sensor, probe.what));
        sensing_.asked(probe, now());
        probes_.push_back(std::move(probe));
    }
}

void Sim::step(const Event& event) {
    guarded([&] { (void)shell_->step(event); });
}

// The end of a run that is a message. False: the daemon died meanwhile.
bool Sim::message_ended(const notify::ActionEnded& ended) {
    Outcome outcome;
    outcome.run = ended.run;
    outcome.attempt = ended.attempt;
    if (ended.delivered || planted_ == Planted::deaf_to_refusals) outcome.exit_code = 0;
    else outcome.spawn_error = ended.error;
    try {
        (void)shell_->step(AttemptsEnded{{outcome}});
        take_probes();
    } catch (const Crash&) {
        return false;
    }
    return shell_->engine_or_null() != nullptr;
}

void Sim::crash() {
    ++verdict_.crashes;
    note("the daemon dies");
    if (before_change_) use(std::exchange(before_change_, {}));  // it is recorded after the step
    shell_.reset();
    machine_.disconnect();
    put_off_.reset();
    if (faults_ && random_.one_in(4)) clock_.advance(Seconds{random_.below(4 * 3600)});  // down for a while
    if (faults_ && random_.one_in(10)) {
        machine_.reboot(Seconds{story_.is_restored ? 0 : random_.below(300)});
        clock_.set_up(Seconds{20});
        refusals_ = {};
        note("the machine is started again");
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

// Restores the ledger from an older backup. The machine and its processes stay.
void Sim::restore_ledger() {
    was_restored_ = true;
    note("the ledger is restored");
    const std::size_t half = log_.size() / 2;
    log_.resize(half + static_cast<std::size_t>(random_.below(static_cast<std::int64_t>(log_.size() - half))));
    std::shared_ptr<Store> restored = make_memory_store();
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

// Repeats until a daemon has started completely, because it may also die while it starts.
void Sim::restart() {
    latest_ = std::max(latest_, wall());
    for (;;) {
        probes_.clear();
        sensing_.forget_all();
        deliveries_.restart(now());
        is_loading_ = true;
        try {
            start_daemon();
            is_loading_ = false;
            if (put_off_) (void)ledger_->commit(*std::exchange(put_off_, {}));
            take_probes();
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
    SimStore::Hooks hooks{[this](const StepWrites& batch) { return commit(batch); }, [this] { return recover(); },
                          [this] { point(); }, [this] { return fails_to_answer(); },
                          planted_ == Planted::failures_are_none};
    shells_store_ = std::make_unique<SimStore>(ledger_, std::move(hooks));
    shell_ = std::make_unique<app::Shell>(app::Shell::Surroundings{machine_, clock_, launcher_, *shells_store_},
                                          test::read_context(), app::Shell::Listeners{});
    if (!shell_->load(loaded_)) throw Crash{};
}

// ---- what the shell gets from its surroundings

bool Sim::fails_to_answer() {
    // A large load asks so many questions that one would nearly always fail.
    constexpr int failures_max = 3;
    constexpr Seconds a_while{60};
    if (!faults_ || !random_.one_in(is_loading_ ? 2000 : 200)) return false;
    const Seconds up = clock_.up_seconds();
    if (!failing_since_ || up < *failing_since_ || up > *failing_since_ + a_while) failures_ = 0;
    if (failures_ == 0) failing_since_ = up;
    if (++failures_ > failures_max) return false;
    note("a question fails");
    is_engine_lost_ = true;
    return true;
}

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

void Sim::lie(StepWrites& batch) {
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
    if (planted_ == Planted::unwritten_waits)
        std::erase_if(batch.updated, [](const Run& run) { return run.state == State::waiting; });
    if (planted_ == Planted::uncounted_failures)
        for (Alert& alert : batch.alerts) alert.runs = 1;
    if (planted_ == Planted::rewritten_ends) rewrite_end(batch);
}

Result<void> Sim::commit(const StepWrites& batch) {
    note(fmt::format("write {} {} {}", batch.inserted.size(), batch.updated.size(), batch.notices.size()));
    if (faults_ && random_.one_in(60)) {
        is_engine_lost_ = true;
        return fail(Error::Kind::store, "the disk is full", "make room");
    }
    if (planted_ == Planted::lost_rebuild_writes && is_loading_ && verdict_.crashes > 0) return {};
    StepWrites written = batch;
    lie(written);
    for (const auto* rows : {&written.inserted, &written.updated})
        for (const Run& run : *rows)
            if ((run.state == State::waiting || run.state == State::queued) && run.reason == Reason::none)
                broken(fmt::format("reason: run {} of {} waits for nothing", run.id, run.job));
    for (const auto* rows : {&written.inserted, &written.updated})
        for (const Run& run : *rows)
            note(fmt::format("  run {} of {} for {} ({}): {} {} {}", run.id, run.job, to_string(run.fire),
                             to_text(run.origin), to_text(run.state), to_text(run.reason), run.detail));
    check_write(written);
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
    for (const auto* rows : {&written.inserted, &written.updated})
        for (const Run& run : *rows)
            if (run.state == State::running) claimed_.try_emplace({run.id, run.attempt}, wall());
    deliveries_.called_back(written.cancelled_actions);
    deliveries_.asked(written.notices);
    const Instant planned_before = planned_through_.value_or(story_.start);
    if (batch.planned_through) planned_through_ = batch.planned_through;
    note_epoch(batch, planned_before);
    if (!put_off_) check_written(written);
    for (const Run& run : batch.inserted) {
        last_run_ = std::max(last_run_, run.id);
        if (run.state == State::missed || run.reason == Reason::superseded) stillborn_.insert(run.id);
    }
    return {};
}

Behaviour Sim::behaviour(const os::Launch& launch) {
    Behaviour behaviour = draw_behaviour(random_);
    // Cleared runs yield to live fires: a job that is too slow for its own schedule would never run them.
    if (!faults_) behaviour.takes = std::min(behaviour.takes, Seconds{60});
    if (faults_ && random_.one_in(15)) {
        const auto of = random_.one_in(2) ? Hindrance::Of::every_run : Hindrance::Of::this_run;
        behaviour.hindrance = Hindrance{of, "cannot begin now"};
        refusals_.of_run[launch.run] = clock_.up_seconds();
        if (of == Hindrance::Of::every_run) refusals_.of_all = clock_.up_seconds();
    }
    return behaviour;
}

void Sim::signalled(os::AttemptId attempt, int number) {
    note(fmt::format("signal {} {}", attempt.run, number));
    if (planted_ != Planted::deaf_to_survivors) return;
    rumour_ = attempt;
    rumours_.insert(attempt);
}

// ---- chance and time

void Sim::incident() {
    switch (random_.below(20)) {
        case 0:  // the clock is set, at most an hour forward or back
            clock_was_set_ = true;
            clock_.set_wall(wall() + Seconds{random_.below(7200) - 3600});
            return step(Woke{});
        case 1:  // the machine sleeps
            clock_.set_wall(wall() + Seconds{random_.below(5 * 3600)});
            return step(Woke{});
        case 2:  // the keeper is killed and replaced
            note("the keeper dies");
            return machine_.lose_connection();
        case 3: return harm_records();
        case 4:
        case 5:
        case 6: return change_calendar();
        default: break;
    }
    if (!shell_->engine_or_null()) return;
    const Event request = draw_request(random_, {shell_->engine(), store_, loaded_, last_run_, wall()});
    clears_now_ = std::holds_alternative<ClearAsked>(request);
    ask(request);
    clears_now_ = false;
}

// 16, unless something else may change in the same step.
void Sim::ask(const Event& request) {
    const bool is_checked = is_settled() && !was_restored_;
    const Before before = is_checked ? look_before(world()) : Before{};
    std::optional<Reply> reply;
    guarded([&] { reply = shell_->step(planted_ == Planted::unheard_requests ? Event(Woke{}) : request); });
    if (!is_checked || !reply) return;
    if (auto what = check_request(request, *reply, before, world()); !what.empty()) broken(std::move(what));
}

void Sim::use(std::shared_ptr<const Plan> plan) {
    auto lies = std::make_shared<Plan>(*planted_plan(plan, planted_));
    if (planted_ == Planted::unmoved_fires) lies->calendars = loaded_->calendars;
    loaded_ = std::move(lies);
    story_.plan = std::move(plan);
    fires_ = {};
}

// 17. As the daemon does: a change that could not be made is undone.
void Sim::change_calendar() {
    if (!is_settled() || was_restored_) return;
    const auto drawn = draw_changed_day(random_, *story_.plan, changed_days_, wall());
    if (!drawn) return;
    note(fmt::format("a calendar changes on {}", to_string(drawn->date)));
    const auto plan = with_days(*story_.plan, drawn->days);
    before_change_ = story_.plan;
    expected_.reset();
    use(plan);
    std::optional<Reply> reply;
    guarded([&] { reply = shell_->step(CalendarChanged{loaded_, "it", std::string(change_note), drawn->date}); });
    if (!reply) return;  // the daemon died
    const auto before = std::exchange(before_change_, {});
    if (reply->ok) {
        changed_days_ = drawn->days;
        if (auto what = expected_ ? check_answer(*reply, *expected_) : "checker 17: nothing is written"; !what.empty())
            broken(std::move(what));
        return;
    }
    note("the change is undone");
    use(before);
    step(CalendarChanged{loaded_, "it", "undone", drawn->date});
}

// Other fires are due from now on. A daemon that starts uses its calendars for the time before, too.
void Sim::note_epoch(const StepWrites& batch, Instant planned_before) {
    if (epochs_.back().plan == story_.plan) return;
    const bool is_change = batch.operator_note == change_note;
    if (before_change_ && !is_change) return;
    epochs_.push_back({is_change ? planned_through_.value_or(wall()) : planned_before, story_.plan});
    if (!is_change) return;
    for (const Run& run : batch.inserted)
        if (story_.plan->jobs.at(run.job).has_schedule()) moved_here_.emplace(run.job, run.key);
}

// Removes the record of a running process, or creates another run's record at the place of the next one.
void Sim::harm_records() {
    if (story_.is_restored) return;  // runs that such a ledger lost are known only by their records
    const auto alive = machine_.alive();
    // Runs that a restored ledger lost are known only by their records.
    if (!alive.empty() && random_.one_in(2))
        return machine_.remove_record(
            alive[static_cast<std::size_t>(random_.below(static_cast<std::int64_t>(alive.size())))]);
    const auto other = last_run_ == 0 ? std::nullopt : store_.by_id(1 + random_.below(last_run_)).value();
    if (other && other->attempt > 0 && seen_by_others(*other))
        machine_.leave_record({last_run_ + 1 + random_.below(3), 1}, app::owner_text("another", *other), 0);
}

// A file may change while a sensor waits for it to stay the same.
SensorAnswer Sim::answer(const Probe& probe) {
    SensorAnswer answer{probe.run, probe.sensor, probe.look, !faults_ || random_.one_in(4), "", {}};
    const auto run = store_.by_id(probe.run).value();
    if (!run) return answer;
    const Job& job = story_.plan->jobs.at(run->job);
    answer.refused = faults_ && random_.one_in(15);
    const auto* file = std::get_if<FileSensor>(&job.wait->at(probe.sensor).kind);
    if (file && file->stable && answer.passed) answer.file = FileFacts{1, faults_ ? random_.below(3) : 1};
    sensing_.answered(answer, job, now());
    return answer;
}

// A sensor passes sometimes; without faults, at once.
void Sim::answer_probes() {
    while (!probes_.empty()) {
        SensorsAnswered answered;
        for (const Probe& probe : std::exchange(probes_, {})) {
            if (faults_ && random_.one_in(50)) continue;  // it hangs, until the next daemon checks
            answered.answers.push_back(answer(probe));
        }
        step(answered);
    }
}

void Sim::advance(Instant limit) {
    if (!deliveries_.pump(now(), faults_)) crash();
    if (auto what = deliveries_.check(false); !what.empty() && !was_restored_) broken(std::move(what));
    answer_probes();
    check_settled();
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

// A run that waits for its failed previous date waits for an operator; one that waits for a run of a future date waits
// for that time.
bool Sim::must_drain(const Run& run, Instant quiet) const {
    return run.fire <= quiet &&
           !(run.state == State::waiting && run.reason == Reason::dependency && waits_for_good(run));
}

bool Sim::waits_for_good(const Run& run) const {
    return asking(store_, [&](mc::Past& past) { return waits_for_good(run, {*story_.plan, past, wall()}); }).value();
}

bool Sim::waits_for_good(const Run& run, const History& history) const {
    const Job& job = story_.plan->jobs.at(run.job);
    const auto stuck = [&](const UpstreamStatus& look) {
        if (look.standing == UpstreamStatus::Standing::success) return false;
        if (look.basis == UpstreamStatus::Basis::fire_to_come) return true;
        if (look.standing == UpstreamStatus::Standing::failed) return true;
        const auto other = look.run == 0 ? std::nullopt : history.past.by_id(look.run);
        return other && other->state == State::waiting && other->reason == Reason::dependency && other->id != run.id &&
               waits_for_good(*other, history);
    };
    if (job.depends_on_past && stuck(status_of_past(job, run.logical_date, history))) return true;
    if (!job.after) return false;
    return std::any_of(job.after->upstreams.begin(), job.after->upstreams.end(), [&](const Upstream& upstream) {
        const UpstreamStatus look = status_of(upstream, run.logical_date, history);
        return look.standing == UpstreamStatus::Standing::pending && stuck(look);
    });
}

// 8. When faults stop, the backlog drains within a limited number of steps.
void Sim::drain_backlog() {
    faults_ = false;
    shell_.reset();
    machine_.disconnect();
    restart();  // hanging probes are never answered, and a sensor may have no timeout
    for (const auto& [name, job] : story_.plan->jobs) step(ReleaseAsked{JobName(name), "sim"});
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

// 5. When faults stop, all requested messages are sent soon; no new ones are requested meanwhile.
void Sim::empty_outbox() {
    for (int steps = 0; steps < 20'000 && deliveries_.wake() && verdict_.broken.empty(); ++steps) {
        clock_.advance(std::max(Seconds{0}, *deliveries_.wake() - clock_.up_seconds()));
        (void)deliveries_.pump(now(), faults_);
    }
    if (auto what = deliveries_.check(true); !what.empty() && !was_restored_) broken(std::move(what));
}

// For a restored ledger: no attempt ran twice.
std::string Sim::check_past() {
    std::set<std::int64_t> arrived;
    for (const Notice& notice : deliveries_.all())
        if (deliveries_.arrived(notice.id)) arrived.insert(notice.id);
    const Past past{story_,
                    epochs_,
                    moved_here_,
                    machine_.starts(),
                    again_,
                    stillborn_,
                    reopened_,
                    *store_.runs({}),
                    *store_.recover()->planned_through,
                    deliveries_.all(),
                    std::move(arrived),
                    *store_.alerts(AlertsAsked::open),
                    clock_was_set_};
    verdict_.fires = past.runs.size();
    if (was_restored_) return check_starts(past);
    for (const auto& check :
         {check_starts, check_every_fire, check_told, check_late, check_messages, check_alerts, check_promised})
        if (auto what = check(past); !what.empty()) return what;
    return {};
}

TriggerVerdict Sim::run() {
    epochs_.push_back({story_.start, story_.plan});
    restart();
    const Instant end = story_.start + story_.length;
    for (int steps = 0; wall() < end && !is_over_ && steps < 100'000; ++steps) {
        if (random_.one_in(40)) incident();
        advance(std::min(end, wall() + Seconds{3600}));
    }
    if (!is_over_) drain_backlog();
    if (!is_over_) empty_outbox();
    if (auto what = check_past(); !what.empty()) broken(std::move(what));
    verdict_.trace = trace_;
    return verdict_;
}

TriggerVerdict simulate(std::uint64_t seed, Planted planted, Listener listener, std::string_view wanted) {
    return Sim(seed, planted, std::move(listener), wanted).run();
}

}  // namespace mc::sim
