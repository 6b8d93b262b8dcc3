// world.h — simulated surroundings for the real shell and engine: a virtual clock, a virtual machine that runs
// commands, the memory ledger, real calendars and time zones. A test is a story in it.
//
//     World w{"2026-11-27T08:00:00-05:00"};
//     w.plan(R"([job.eod] ...)");
//     w.run_until("2026-11-27T18:00:00-05:00");
//     CHECK(w.started("eod") == ...);
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/plan.h"
#include "engine/engine.h"
#include "shell/shell.h"
#include "sim/virtual_executor.h"
#include "store/store.h"
#include "support/context.h"
#include "support/failing_questions.h"

namespace mc::test {

Instant utc(std::string_view text);  // an instant in any text form; fails the test if it is invalid
Date day(std::string_view text);

class World {
   public:
    explicit World(std::string_view start);

    // Loads a configuration. Fails the test on errors.
    void plan(const std::string& toml);
    // The same as by `calendar override`: the text has a changed calendar.
    Reply change_calendar(const std::string& toml, std::optional<Date> date = {});
    // The behaviour of the job's next attempts, one after the other; the last one repeats.
    void script(const std::string& job, std::vector<Behaviour> attempts);
    // The answer of a sensor's probes, by job and number (from 0). Without one a sensor is not met.
    static constexpr std::int64_t no_answer = -1;  // as a finding's `look`: the probe hangs
    using Finding = std::function<SensorAnswer(const Probe& probe, Instant now)>;
    void sensor(const std::string& job, std::size_t number, Finding finding);
    // All probes so far.
    struct Looked {
        Instant at;
        Probe probe;
    };
    const std::vector<Looked>& looks() const { return looks_; }
    std::size_t writes() const { return writes_; }  // transactions so far
    void run_until(std::string_view instant);
    void run_until(Instant instant);
    void event(const Event& event);
    Reply ask(const Event& event);

    // The daemon ends at once, while jobs continue; restart() starts a new one at the current time.
    void crash();
    void restart();
    void sleep_until(std::string_view instant);  // time passes without a daemon
    // Saves a copy of the ledger; replaces the ledger with the copy, with a new daemon. The machine stays.
    void back_up();
    void restore();
    void hinder(std::optional<Hindrance> why) { executor_.hinder(std::move(why)); }  // no attempt can begin
    void lose_launches(bool lost) { executor_.lose_launches(lost); }                 // as VirtualExecutor's
    void reboot();                                                                   // ends all running processes
    void set_clock(std::string_view instant);  // the wall clock jumps; the monotonic one does not

    std::vector<Instant> started(const std::string& job) const;  // each attempt's start
    std::vector<Run> runs(const std::string& job = "") const;    // oldest first
    std::vector<Notice> notices() const;
    Engine& engine() { return *shell_->engine_or_null(); }
    app::Shell& shell() { return *shell_; }
    Store& store() { return *store_; }
    // The daemon's view of the ledger, whose questions can fail.
    FailingQuestions& questions() { return *questions_; }
    // The question with that number fails while the next daemon starts, which tries again after some seconds.
    void fail_while_loading(int number) { fails_loading_ = number; }
    const Plan& loaded() const { return *plan_; }
    Instant now() const { return clock_.wall_seconds(); }

   private:
    void read(const std::string& toml);
    void take_probes();
    void answer_probes();
    Behaviour behaviour_of(const os::Launch& launch);

    VirtualClock clock_;
    std::string toml_;
    std::shared_ptr<const Plan> plan_;
    std::shared_ptr<Store> store_;
    int fails_loading_ = 0;                        // the number of the question; 0: none
    std::shared_ptr<FailingQuestions> questions_;  // in front of store_
    std::unique_ptr<RunStore> watched_;            // in front of questions_, for the shell
    std::map<std::string, std::deque<Behaviour>> scripts_;
    VirtualLauncher launcher_;
    VirtualExecutor executor_;
    std::unique_ptr<app::Shell> shell_;  // null: no daemon
    StepWrites backup_;
    std::vector<Notice> notices_;
    std::map<std::pair<std::string, std::size_t>, Finding> findings_;
    std::vector<Probe> unanswered_;
    std::vector<Looked> looks_;
    std::size_t writes_ = 0;
};

// The states of the job's runs, oldest first: "success, failed exit_code, waiting".
std::string fates(const World& world, const std::string& job);

}  // namespace mc::test
