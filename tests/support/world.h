// world.h — a whole small world around the real shell and engine: a virtual clock, a virtual machine that runs
// commands, the memory ledger, real calendars and zones. A test is a story told to it.
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

Instant utc(std::string_view text);  // any instant text; fails the test when it is none
Date day(std::string_view text);

class World {
   public:
    explicit World(std::string_view start);

    // Loads a file (every text gets `command = "true"` where a job has no action). Fails on errors.
    void plan(const std::string& toml);
    // The same, as `calendar override` does it: the text has a changed calendar.
    Reply change_calendar(const std::string& toml, std::optional<Date> date = {});
    // The next attempts of the job do so, one after the other; the last one stays.
    void script(const std::string& job, std::vector<Behaviour> attempts);
    // What a look at a sensor finds, by "JOB NUMBER" (from 0): given the time. Nothing scripted: not there yet.
    static constexpr std::int64_t no_answer = -1;  // as a finding's `look`: the look hangs
    using Finding = std::function<SensorAnswer(const Probe& probe, Instant now)>;
    void sensor(const std::string& job, std::size_t number, Finding finding);
    // Every look so far.
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

    // The daemon ends at once (jobs go on); restart() makes a new one at the time reached.
    void crash();
    void restart();
    void sleep_until(std::string_view instant);  // time passes without a daemon
    // The ledger as it is, kept; and put in the place of the present one, with a new daemon. The machine stays.
    void back_up();
    void restore();
    void hinder(std::optional<Hindrance> why) { executor_.hinder(std::move(why)); }  // nothing can begin meanwhile
    void reboot();                                                                   // everything running is gone
    void set_clock(std::string_view instant);  // the wall clock jumps; the monotonic one does not

    std::vector<Instant> started(const std::string& job) const;  // each attempt's start
    std::vector<Run> runs(const std::string& job = "") const;    // oldest first
    std::vector<Notice> notices() const;
    Engine& engine() { return *shell_->engine_or_null(); }
    app::Shell& shell() { return *shell_; }
    Store& store() { return *store_; }
    // What the daemon asks: its questions can fail.
    FailingQuestions& questions() { return *questions_; }
    // The question of that number fails while the next daemon starts; it tries again after some seconds.
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
    int fails_loading_ = 0;                        // that question; 0: none
    std::shared_ptr<FailingQuestions> questions_;  // in front of it
    std::unique_ptr<RunStore> watched_;            // the shell's
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

// How the job's runs stand, oldest first: "success, failed exit_code, waiting".
std::string fates(const World& world, const std::string& job);

}  // namespace mc::test
