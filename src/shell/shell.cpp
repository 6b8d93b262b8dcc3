#include "shell/shell.h"

#include <fmt/format.h>

#include "config/crontab_jobs.h"

namespace mc::app {

namespace {

constexpr Seconds start_over_calm{60};
constexpr std::size_t prune_at_once = 1000;
constexpr Seconds prune_every{86400}, prune_again_after{60};

Outcome not_begun(const Signal& signal) {
    Outcome outcome;
    outcome.run = signal.run;
    outcome.attempt = signal.attempt;
    outcome.spawn_error = "it had not started";
    return outcome;
}

constexpr std::chrono::milliseconds tick{10};  // the kernel's longest timer tick (CONFIG_HZ=100)

Seconds up_at(os::MonotonicTime t) { return std::chrono::duration_cast<Seconds>(t.time_since_epoch()); }

// Each run with its latest attempt, including attempts that the ledger lacks.
std::vector<Run> latest_of(const std::vector<Run>& unfinished, const std::vector<FoundRun>& found) {
    std::map<RunId, Run> latest;
    for (const Run& run : unfinished) latest.emplace(run.id, run);
    for (const FoundRun& one : found) latest.insert_or_assign(one.run.id, one.run);
    std::vector<Run> runs;
    for (auto& [id, run] : latest) runs.push_back(std::move(run));
    return runs;
}

// time(2) may lag behind by a tick. A job that starts at midnight must not get yesterday's date from it, and cron
// starts its jobs by that clock.
bool waits_for_tick(const Run& run, const Job& job, Instant now) {
    const WallTime wall = job.schedule.zone->to_wall(now);
    return is_crontab_job(run.job) || wall == date_of(wall);
}

}  // namespace

Shell::Shell(Surroundings surroundings, ReadContext context, Listeners listeners)
    : executor_(surroundings.executor),
      clock_(surroundings.clock),
      launcher_(surroundings.launcher),
      store_(surroundings.store),
      context_(std::move(context)),
      listeners_(std::move(listeners)) {}

Now Shell::now() const { return {os::instant_of(clock_.wall()), up_at(clock_.up())}; }

Result<void> Shell::load(std::shared_ptr<const Plan> plan) {
    plan_ = std::move(plan);
    launcher_.plan_loaded(plan_);
    return rebuild();
}

Result<FoundAttempts> Shell::compare_records(Recovered& recovered) {
    ledger_ = recovered.ledger;
    recovered.last_run = std::max(recovered.last_run, largest_on_disk_);
    if (compared_) return FoundAttempts{};
    Home home = home_of(executor_, ledger_);
    boots_ = home == Home::other ? Boots{} : Boots{recovered.boot_id, executor_.boot()};
    const bool is_0_1 = home == Home::unknown && executor_.records(std::nullopt).largest_run > 0;
    launcher_.record_living(ledger_, home, *plan_);
    auto found = find_attempts(executor_, recovered, store_, *plan_, now().wall);
    if (!found) return found;
    if (found->settled > 0) {
        auto again = store_.recover();
        if (!again) return tl::unexpected(again.error());
        recovered = std::move(*again);
    }
    add_begun_later(recovered.unfinished, *found);
    largest_on_disk_ = found->largest_run;
    recovered.last_run = std::max(recovered.last_run, largest_on_disk_);
    if (home == Home::unknown && recovered.last_run == 0 && settle_home(executor_, ledger_))
        home = Home::same;  // neither has been used before
    for (const Run& run : recovered.unfinished)
        if (home != Home::same && !is_0_1 && run.state == State::running) from_elsewhere_.insert({run.id, run.attempt});
    return found;
}

// Adds attempts whose first try to start failed before the ledger was copied, and which then started under the same
// number: the restored ledger has only the first try.
void Shell::add_begun_later(const std::vector<Run>& unfinished, FoundAttempts& found) const {
    for (const Run& run : unfinished) {
        if (run.state != State::running) continue;
        const os::AttemptId id{run.id, run.attempt};
        auto owner = read_owner(executor_.state(id).owner, id);
        if (owner && owner->ledger == ledger_ && owner->run.job == run.job && owner->run.key == run.key &&
            owner->run.started > run.started)
            found.runs.push_back({std::move(owner->run), {}});
    }
}

Result<void> Shell::rebuild() {
    engine_.reset();
    probes_.clear();                   // a new engine requests them again
    not_launched_.clear();             // and starts these runs again
    mend_up_ = now().up + mend_after;  // reset below on success
    auto recovered = store_.recover();
    if (!recovered) return failed(LedgerUse::reading, recovered.error());
    auto found = compare_records(*recovered);
    if (!found) return failed(LedgerUse::reading, found.error());
    if (auto done = rebuild(*std::move(recovered), *found); !done) {
        engine_.reset();  // its decisions were not written
        return done;
    }
    trouble_.clear();
    failure_.clear();
    compared_ = true;
    if (executor_.is_connected()) mend_up_.reset();
    reconcile();
    tell_found(*found);
    (void)settle_home(executor_, ledger_);  // if this fails, the next start compares all records again
    prune();
    if (draining_ && engine_) step(DrainAsked{});
    // Each of these steps writes, and a failed write discards the engine.
    if (!engine_) return fail(Error::Kind::store, trouble_);
    return {};
}

// Makes the engine and writes its first step.
Result<void> Shell::rebuild(Recovered recovered, const FoundAttempts& found) {
    const std::string boot = executor_.boot();
    before_boot_.clear();
    if (recovered.boot_id != boot)
        for (const Run& run : recovered.unfinished) before_boot_.insert(run.id);
    const PlanLoaded first{plan_, ended_meanwhile(latest_of(recovered.unfinished, found.runs)), other_cron_,
                           found.runs};
    engine_ = std::make_unique<Engine>(std::move(recovered), store_, context_, boot);
    Reply reply;
    const Now loaded = now();
    if (!decide(first, loaded, reply)) return fail(Error::Kind::store, trouble_);
    if (auto done = store_.remember_boot(boot); !done) return failed(LedgerUse::writing, done.error());
    return {};
}

void Shell::instant_comes() {
    Now now = this->now();
    const std::optional<Instant> due = wake().wall;
    if (due && *due > now.wall && *due - clock_.wall() <= decided_ahead) {
        now.wall = *due;
        now.up = up_at(clock_.up() + decided_ahead + tick);  // when the run will have started, for its timeout
    }
    step(Woke{}, now);
    clock_.sleep_until(now.wall, decided_ahead);  // also if nothing was started
}

void Shell::other_cron(const std::string& who) {
    other_cron_ = who;
    if (plan_) step(OtherCron{who});
}

std::string Shell::refusal() const {
    if (!failure_.empty() && trouble_.empty())
        return fmt::format("an internal error ({}): the daemon continues from its ledger in a few seconds", failure_);
    return ledger_trouble();
}

std::string Shell::ledger_trouble() const {
    if (trouble_.empty()) return "";
    return fmt::format("the ledger cannot be {}: {}", failed_at_ == LedgerUse::reading ? "read" : "written", trouble_);
}

tl::unexpected<Error> Shell::failed(LedgerUse at, const Error& error) {
    failed_at_ = at;
    trouble_ = error.sentence();
    return tl::unexpected(error);
}

void Shell::start_over(const std::string& what) noexcept {
    engine_.reset();
    const Seconds up = now().up;
    const bool again = failed_up_ && up - *failed_up_ < start_over_calm;
    failed_up_ = up;
    mend_up_ = up + mend_after;
    try {
        probes_.clear();
        failure_ = what;
        if (!again && plan_) (void)rebuild();
    } catch (...) {
        engine_.reset();
    }
}

Reply Shell::step(const Event& event) { return step(event, now()); }

Reply Shell::step(const Event& event, Now now) {
    if (!not_launched_.empty()) (void)carry_out_event(AttemptsEnded{std::exchange(not_launched_, {})}, now);
    return carry_out_event(event, now);
}

Reply Shell::carry_out_event(const Event& event, Now now) {
    if (const auto* changed = std::get_if<CalendarChanged>(&event)) {
        plan_ = changed->plan;
        launcher_.plan_loaded(plan_);
    }
    if (const auto* loaded = std::get_if<PlanLoaded>(&event)) {
        plan_ = loaded->plan;
        launcher_.plan_loaded(plan_);
    }
    if (!executor_.is_connected() || !held_back_.empty() || !unread_.empty()) mend();
    if (!engine_) (void)rebuild();
    if (!engine_) return {false, refusal(), {}, Error::Kind::store};
    draining_ = draining_ || std::holds_alternative<DrainAsked>(event);
    Reply reply;
    if (!decide(event, now, reply)) {
        engine_.reset();
        mend_up_ = this->now().up + mend_after;
        return {false, ledger_trouble(), {}, Error::Kind::store};
    }
    prune();
    look_for_silence(now);
    return reply;
}

void Shell::look_for_silence(Now now) {
    if (!engine_) return;
    const std::vector<AttemptName> doubtful =
        handed_over_.look(now, [this](AttemptName attempt) -> std::optional<Instant> {
            const auto run = engine_->unfinished().find(attempt.run);
            const bool is_over = run == engine_->unfinished().end() || run->second.state != State::running;
            if (is_over || run->second.attempt != attempt.number) return Instant{};
            const os::AttemptState record = executor_.state({attempt.run, attempt.number});
            const bool has_no_begin =
                record.kind == os::AttemptState::Kind::absent || record.kind == os::AttemptState::Kind::garbled;
            return has_no_begin ? std::nullopt : std::optional(record.claimed);
        });
    std::vector<Run> runs;
    for (const AttemptName& attempt : doubtful)
        if (const auto run = engine_->unfinished().find(attempt.run); run != engine_->unfinished().end())
            runs.push_back(run->second);
    ask_keeper(runs);
}

// False: the ledger could not be read or written, and nothing was done.
bool Shell::decide(const Event& event, Now now, Reply& reply) {
    const auto actions = engine_->step(event, now);
    if (actions) return carry_out(*actions, now.wall, reply);
    (void)failed(LedgerUse::reading, actions.error());
    return false;
}

// False: the ledger could not be written, and nothing was done.
bool Shell::carry_out(const std::vector<Action>& actions, Instant decided_for, Reply& reply) {
    std::vector<Run> to_launch;
    std::vector<Signal> never_begun;
    for (const Action& action : actions) {
        if (const auto* write = std::get_if<Write>(&action)) {
            if (!this->write(write->batch)) return false;
        } else if (const auto* spawn = std::get_if<Spawn>(&action)) {
            to_launch.push_back(spawn->run);
        } else if (const auto* signal = std::get_if<Signal>(&action)) {
            // The process under that number belongs to another run.
            if (held_back_.contains(signal->run)) never_begun.push_back(*signal);
            else if (!executor_.is_connected() || !send(*signal)) unsent_.insert_or_assign(signal->run, *signal);
        } else if (const auto* probe = std::get_if<Probe>(&action)) {
            probes_.push_back(*probe);
        } else if (const auto* answer = std::get_if<Reply>(&action)) {
            reply = *answer;
        }
    }
    // Due runs start first: the listeners may write to a slow terminal.
    std::vector<Outcome> failed = launch(to_launch, decided_for);
    for (const Signal& signal : never_begun) failed.push_back(not_begun(signal));
    tell(actions);
    // The engine gets them at the next wake, which comes at once. Not here: its retries may fail in the same way,
    // thousands of times.
    not_launched_.insert(not_launched_.end(), failed.begin(), failed.end());
    return true;
}

bool Shell::write(const StepWrites& batch) {
    if (auto done = store_.commit(batch); !done) {
        (void)failed(LedgerUse::writing, done.error());
        return false;
    }
    new_notices_ = new_notices_ || !batch.notices.empty() || !batch.alerts.empty();
    for (const Attempt& attempt : batch.attempts) ended_.push_back({attempt.run, attempt.number});
    return true;
}

bool Shell::send(const Signal& signal) {
    if (!engine_) return false;
    const auto run = engine_->unfinished().find(signal.run);
    if (run == engine_->unfinished().end()) return true;  // it has ended meanwhile
    return executor_.signal({signal.run, signal.attempt}, signal.number, attempt_identity(ledger_, run->second))
        .has_value();
}

void Shell::tell(const std::vector<Action>& actions) const {
    if (!listeners_.written) return;
    for (const Action& action : actions) {
        const auto* write = std::get_if<Write>(&action);
        if (write == nullptr) continue;
        for (const Run& run : write->batch.inserted) listeners_.written(run);
        for (const Run& run : write->batch.updated) listeners_.written(run);
    }
}

std::vector<Outcome> Shell::launch(const std::vector<Run>& runs, Instant decided_for) {
    std::vector<Outcome> failed;
    const auto cannot = [&](const Run& run, const Error& error) {
        Outcome outcome;
        outcome.run = run.id;
        outcome.attempt = run.attempt;
        if (error.kind == Error::Kind::resources)
            outcome.hindered = Hindrance{Hindrance::Of::this_run, error.sentence()};
        else outcome.spawn_error = error.sentence();
        failed.push_back(std::move(outcome));
    };
    std::vector<Launcher::Order> orders;
    for (const Run& run : runs) {
        if (const Job* job = engine_->job_of(run)) orders.push_back({run, *job});
        else cannot(run, {Error::Kind::refused, "its job no longer exists", {}, {}});
    }
    std::vector<os::Launch> launches;
    const bool must_watch = executor_.is_connected() && !executor_.begins_at_once();
    std::vector<Result<os::Launch>> made = launcher_.make(orders, *plan_);
    for (std::size_t i = 0; i < orders.size(); ++i) {
        const Run& run = orders[i].run;
        if (!made[i]) {
            cannot(run, made[i].error());
            continue;
        }
        made[i]->owner = owner_text(ledger_, run);
        made[i]->identity = attempt_identity(ledger_, run);
        launches.push_back(*std::move(made[i]));
        if (must_watch) handed_over_.add({run.id, run.attempt}, plan_->title(run.job), now());
    }
    await(runs, decided_for);
    // If the executor does not accept them, it is gone: reconcile() starts them with the next connection.
    if (!launches.empty() && executor_.is_connected()) (void)executor_.launch(launches);
    return failed;
}

// Runs that were decided ahead of their instant start at the instant.
void Shell::await(const std::vector<Run>& runs, Instant decided_for) const {
    clock_.sleep_until(decided_for, decided_ahead);
    for (const Run& run : runs) {
        const Job* job = engine_->job_of(run);
        if (job && waits_for_tick(run, *job, decided_for)) clock_.sleep_until_ticked(decided_for, tick);
    }
}

void Shell::keeper_readable() {
    if (!executor_.is_connected()) return;
    auto news = executor_.read();
    if (!news) return find_keeper();
    std::vector<Outcome> outcomes = take_ends(news->ended);
    for (const os::AttemptId& one : news->begun) handed_over_.remove({one.run, one.attempt}, now());
    std::map<bool, std::vector<os::AttemptId>> held;
    for (const os::Answer& answer : news->answers) {
        handed_over_.remove({answer.id.run, answer.id.attempt}, now());
        held[answer.is_held].push_back(answer.id);
    }
    if (!outcomes.empty()) step(AttemptsEnded{std::move(outcomes)});
    reconcile(news->begun, Keepers::silent);
    reconcile(news->unclear, Keepers::silent);
    reconcile(held[true], Keepers::has_it);
    reconcile(held[false], Keepers::lacks_it);
}

std::vector<Outcome> Shell::take_ends(const std::vector<os::Ended>& ended) {
    std::vector<Outcome> outcomes;
    for (const os::Ended& end : ended) {
        handed_over_.remove({end.run, end.attempt}, now());
        if (!engine_) break;                         // the next engine learns it from the records
        if (held_back_.contains(end.run)) continue;  // the end of another run with the same number
        const auto run = engine_->unfinished().find(end.run);
        if (run == engine_->unfinished().end() || (end.hindrance && has_begun(end))) continue;
        const bool may_have_begun = end.hindrance && before_boot_.contains(end.run);
        outcomes.push_back(may_have_begun ? lost(run->second) : outcome_of(end, engine_->job_of(run->second)));
    }
    return outcomes;
}

// The keeper is gone: its warden starts another; if all are gone, connect() does.
void Shell::find_keeper() {
    executor_.disconnect();
    handed_over_.clear();
    ++keeper_count_;
    if (auto connected = executor_.connect(); !connected) {
        keeper_trouble_ = connected.error().sentence();
        mend_up_ = now().up + mend_after;
        return;
    }
    keeper_trouble_.clear();
    if (engine_) mend_up_.reset();
    reconcile();
    // After reconcile() has started what the keeper lacks: a signal reaches only attempts that have started.
    std::erase_if(unsent_, [this](const auto& one) { return executor_.is_connected() && send(one.second); });
}

Outcome Shell::outcome_of(const os::Ended& ended, const Job* job) const {
    Outcome outcome;
    outcome.run = ended.run;
    outcome.attempt = ended.attempt;
    outcome.started = ended.started;
    outcome.finished = ended.finished;
    outcome.exit_code = ended.exit_code;
    outcome.signal = ended.signal;
    outcome.spawn_error = ended.spawn_error;
    if (ended.hindrance) {
        const bool of_all = ended.hindrance->of == os::Hindrance::Of::every_attempt;
        outcome.hindered = {of_all ? Hindrance::Of::every_run : Hindrance::Of::this_run, ended.hindrance->text};
    }
    outcome.lost = ended.lost();
    outcome.max_rss_bytes = ended.max_rss_bytes;
    outcome.cpu_seconds = ended.cpu_seconds;
    // Only notifications show the tail; for a job without them the output is not read.
    if (!job || !job->notify) return outcome;
    Launcher::Printed printed = launcher_.printed({ended.run, ended.attempt}, *job);
    outcome.printed = printed.anything;
    outcome.tail = std::move(printed.tail);
    return outcome;
}

Wake Shell::wake() const {
    Wake wake = engine_ ? engine_->next_wake() : Wake{};
    if (!not_launched_.empty()) wake.up = now().up;
    // Without an engine there is no look_for_silence().
    for (const auto& up : {mend_up_, engine_ ? handed_over_.next() : std::nullopt})
        if (up) wake.up = wake.up ? std::min(*wake.up, *up) : *up;
    return wake;
}

// Removes old runs once a day, or sooner if there are more than one transaction removes. Causes no wake of its own.
void Shell::prune() {
    const Instant now = this->now().wall;
    if (now < next_prune_ || !engine_) return;
    next_prune_ = now + prune_every;
    if (const auto gone = store_.prune(now - plan_->daemon.keep_runs, prune_at_once)) {
        for (const RunId run : *gone) executor_.remove(run);
        if (gone->size() == prune_at_once) next_prune_ = now + prune_again_after;
    }
    executor_.remove_aside(now - plan_->daemon.keep_output);
    tell_aside();
    executor_.remove_old(now - plan_->daemon.keep_output,
                         [this](RunId run) { return engine_->unfinished().contains(run); });
}

}  // namespace mc::app
