// chance.h — one run of a seed: the real shell and engine, a failing machine and ledger, and the checks at each step.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "engine/upstream.h"
#include "shell/shell.h"
#include "sim/calendar_changes.h"
#include "sim/deliveries.h"
#include "sim/machine.h"
#include "sim/model.h"
#include "sim/sensing.h"
#include "sim/sim.h"
#include "sim/sim_store.h"
#include "sim/waits.h"

namespace mc::sim {

class Sim {
   public:
    Sim(std::uint64_t seed, Planted planted, Listener listener, std::string_view wanted)
        : listener_(std::move(listener)),
          wanted_(wanted),
          random_(seed),
          planted_(planted),
          story_(draw_story(random_)),
          clock_(story_.start, Seconds{100}),
          loaded_(planted_plan(story_.plan, planted)),
          deliveries_(store_, random_, planted, [this](const auto& ended) { return message_ended(ended); }),
          machine_(clock_, planted, [this](const os::Launch& launch) { return behaviour(launch); },
                   {[this] { point(); }, [this](const os::Launch& launch) { check_claim(launch); },
                    [this](os::AttemptId attempt, int number) { signalled(attempt, number); },
                    [this](const os::Launch& launch) { check_start(launch); }}) {
        static std::uint64_t uncounted = 0;  // only for the planted fault of checker 9
        if (planted == Planted::uncounted_chance) trace_ += ++uncounted;
    }
    TriggerVerdict run();

   private:
    // The daemon, which may die at each point and starts again.
    void point();
    template <class Call>
    void guarded(Call call);
    void step(const Event& event);
    void crash();
    void restart();
    void start_daemon();
    void restore_ledger();
    // What the shell gets from its surroundings.
    Result<void> commit(const StepWrites& batch);
    Result<Recovered> recover();
    bool fails_to_answer();
    Behaviour behaviour(const os::Launch& launch);
    void signalled(os::AttemptId attempt, int number);
    bool message_ended(const notify::ActionEnded& ended);
    // The checks at each step.
    void check_claim(const os::Launch& launch);
    void check_start(const os::Launch& launch);
    void check_beside(const Run& run, const Job& job);
    void check_times(const Run& run, const Job& job);
    void check_order(const Job& job, const Run& run);
    void check_update(const Run& run);
    void check_result(const Attempt& attempt, const StepWrites& batch);
    void rewrite_end(StepWrites& batch);
    void lie(StepWrites& batch);
    // Chance and time.
    void incident();
    void ask(const Event& request);
    void harm_records();
    void change_calendar();
    void use(std::shared_ptr<const Plan> plan);
    void note_epoch(const StepWrites& batch, Instant planned_before);
    SensorAnswer answer(const Probe& probe);
    void answer_probes();
    void advance(Instant limit);
    void drain_backlog();
    void empty_outbox();
    bool must_drain(const Run& run, Instant quiet) const;
    bool waits_for_good(const Run& run) const;
    bool waits_for_good(const Run& run, const History& history) const;
    std::string check_past();
    std::string check_known();
    void check_write(const StepWrites& batch);
    void check_written(const StepWrites& batch);
    bool is_settled() const;
    void check_settled();
    void take_probes();
    World world() { return {*story_.plan, store_, now(), planned_through_.value_or(wall()), fires_}; }
    Instant wall() const { return clock_.wall_seconds(); }
    Now now() const { return {clock_.wall_seconds(), clock_.up_seconds()}; }
    void note(const std::string& line) {
        trace_ = stable_hash(line, trace_);
        if (listener_) listener_(to_string(wall()) + " " + line);
    }
    void broken(std::string what) {
        constexpr std::size_t most = 20;
        is_over_ = is_over_ || what.substr(0, wanted_.size()) == wanted_;
        if (is_over_ || verdict_.broken.size() < most) verdict_.broken.push_back(std::move(what));
    }

    Listener listener_;
    std::string wanted_;
    bool is_over_ = false;  // what was wanted is broken
    Random random_;
    Planted planted_;
    Story story_;
    VirtualClock clock_;
    Instant latest_;  // the latest time that the wall clock has shown; it may be set back later
    bool faults_ = true;
    std::shared_ptr<ForwardingStore> ledger_ = std::make_shared<ForwardingStore>(make_memory_store());
    test::FullDisk store_{ledger_};
    std::shared_ptr<const Plan> loaded_;  // the story's plan, unless a fault is planted in it
    Deliveries deliveries_;
    Machine machine_;
    VirtualLauncher launcher_;
    std::unique_ptr<RunStore> shells_store_;
    std::unique_ptr<app::Shell> shell_;
    FiresOfDates fires_;
    Sensing sensing_;
    Refusals refusals_;
    std::vector<Epoch> epochs_;
    ChangedDays changed_days_;
    std::shared_ptr<const Plan> before_change_;             // the plan until the change of this step
    std::optional<ChangeAnswer> expected_;                  // to this change, once it is written
    std::set<std::pair<std::string, FireKey>> moved_here_;  // fires that became due by a change
    bool is_engine_lost_ = false;  // a question or a write has failed: the shell makes another engine
    bool is_loading_ = false;
    int failures_ = 0;  // of questions, in the minute since:
    std::optional<Seconds> failing_since_;
    std::vector<std::pair<StepWrites, std::string>> log_;  // all commits, with their boot
    std::map<os::AttemptId, Run> spawned_;
    std::map<os::AttemptId, Instant> claimed_;  // when the start of each attempt was written first
    // The run and attempt as which each attempt of a fire was launched.
    struct Launched {
        os::AttemptId as;
        std::string identity;
    };
    std::map<std::tuple<std::string, FireKey, int>, Launched> launched_;
    std::map<std::pair<std::string, FireKey>, int> again_;  // how often a fire's run was reset
    std::set<os::AttemptId> rumours_;                       // planted: treated as ended
    std::optional<os::AttemptId> rumour_;                   // one of them, not reported yet
    std::optional<StepWrites> put_off_;                     // planted: written after the next batch
    std::optional<Run> ended_;                              // planted: to be written again
    std::optional<Instant> planned_through_;                // as in the store
    std::set<RunId> stillborn_;                             // runs whose first row was missed or superseded
    std::set<RunId> reopened_;                              // runs that had ended and were to run again
    RunId last_run_ = 0;
    bool clears_now_ = false, clock_was_set_ = false, was_set_forward_ = false, was_restored_ = false;
    std::map<RunId, std::int64_t> clearing_;  // runs of clears in progress, with the number of the clear
    std::uint64_t trace_ = 0;
    std::vector<Probe> probes_;  // not answered yet
    int steps_ = 0;              // so far; some are checked by check_known()
    TriggerVerdict verdict_;
};

}  // namespace mc::sim
