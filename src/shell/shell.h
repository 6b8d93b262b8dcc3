// shell.h — carries the engine's actions out: writes to the ledger, starts and signals through an executor, hears of
// ends; and finds out, when it starts, what became of what an earlier one had begun.
//
// The same Shell is the daemon's (keeper, SQLite, the machine's clocks), the simulator's, the tests' and `simulate`'s
// (virtual executor, memory, virtual clock).
//
// When a question of the ledger or a write fails, nothing of that step is done, and the engine is thrown away and made
// anew from the ledger, as after a crash, as soon as the ledger can be used again: what was due meanwhile is then found,
// late or not, as catch_up says.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "exec/executor.h"
#include "os/clock.h"
#include "shell/handed_over.h"
#include "shell/launcher.h"
#include "store/run_store.h"

namespace mc::app {

class Shell {
   public:
    // All outlive the shell.
    struct Surroundings {
        os::Executor& executor;
        const os::Clock& clock;
        Launcher& launcher;
        RunStore& store;
    };
    // What it has to say; each may be empty.
    struct Listeners {
        std::function<void(const Run&)> written;  // every run, as it is written
        // Records that are not this ledger's. lasts: until the same subject is said again, "" when it is over.
        std::function<void(const std::string&about, const std::string&text)> happened, lasts;
    };
    Shell(Surroundings surroundings, ReadContext context, Listeners listeners);

    // Makes the engine, settles the down time, and asks the records how the running attempts are. Error: store.
    Result<void> load(std::shared_ptr<const Plan> plan);

    // How long after a failure the ledger, the executor and records are tried again.
    static constexpr Seconds mend_after{5};
    // How long before its instant what is due is decided and written: as long as that takes on a fast disk.
    static constexpr std::chrono::milliseconds decided_ahead{2};
    // The engine's next instant comes within that time, or has come. Nothing starts before it.
    void instant_comes();

    // Who runs the machine's crontabs too; see OtherCron in engine.h. Also before load().
    void other_cron(const std::string& who);
    bool loaded() const { return plan_ != nullptr; }

    // An exception left one of these calls: what the engine believes may be half a change. It is thrown away, and made
    // anew from the ledger: now, and after a pause where that threw already in the last minute.
    void start_over(const std::string& what) noexcept;
    // Why there is no engine, for who asks.
    std::string refusal() const;

    // One step. The reply is what a question got for an answer; without a ledger it says so.
    Reply step(const Event& event);
    void keeper_readable();

    Now now() const;
    const Engine& engine() const { return *engine_; }
    Engine* engine_or_null() { return engine_.get(); }
    const Engine* engine_or_null() const { return engine_.get(); }
    const Zone& host_zone() const { return *context_.host_zone; }
    const Plan& plan() const { return *plan_; }
    const std::shared_ptr<const Plan>& plan_pointer() const { return plan_; }
    RunStore& store() { return store_; }
    const RunStore& store() const { return store_; }
    // -1 while there is no connection; a number that was used before may be another's: keeper_count() tells.
    int keeper_fd() const { return executor_.fd(); }
    int keeper_count() const { return keeper_count_; }
    // "" or why the ledger cannot be read or written.
    const std::string& trouble() const { return trouble_; }
    // "" or "the ledger cannot be read: WHY", or written.
    std::string ledger_trouble() const;
    // "" or why nothing runs attempts: until that is over none starts, and none is lost.
    const std::string& keeper_trouble() const { return keeper_trouble_; }
    // "" or that the executor does not answer.
    std::string keeper_silence() const { return executor_.is_connected() ? handed_over_.trouble(executor_.pid()) : ""; }
    // "" or which runs may have ended, because their records cannot be read.
    std::string record_trouble() const;
    // When to be woken; with a ledger or an executor in trouble: soon.
    Wake wake() const;
    // What is to be checked since the last call. It must be asked after each step.
    std::vector<Probe> take_probes() { return std::exchange(probes_, {}); }
    // The attempts that have ended since the last call.
    std::vector<AttemptName> take_ended() { return std::exchange(ended_, {}); }
    // Ends the trouble about records of other runs when they were removed. To be called now and then.
    void look_aside();
    bool has_new_notices() { return std::exchange(new_notices_, false); }

   private:
    Result<void> rebuild();
    Result<void> rebuild(Recovered recovered, const FoundAttempts& found);
    Reply step(const Event& event, Now now);
    Reply carry_out_event(const Event& event, Now now);
    bool decide(const Event& event, Now now, Reply& reply);
    bool carry_out(const std::vector<Action>& actions, Instant decided_for, Reply& reply);
    enum class LedgerUse { reading, writing };
    tl::unexpected<Error> failed(LedgerUse at, const Error& error);
    bool write(const StepWrites& batch);
    // Not before `decided_for`. Returns those that could not even be asked for.
    std::vector<Outcome> launch(const std::vector<Run>& runs, Instant decided_for);
    void await(const std::vector<Run>& runs, Instant decided_for) const;
    bool send(const Signal& signal);  // false: the executor did not take it
    void tell(const std::vector<Action>& actions) const;
    bool has_begun(const os::Ended& hindered);
    void look_for_silence(Now now);
    std::vector<Outcome> take_ends(const std::vector<os::Ended>& ended);
    void find_keeper();
    Outcome outcome_of(const os::Ended& ended, const Job* job) const;
    void prune();

    // shell_records.cpp: what the records say
    enum class Keepers { silent, has_it, lacks_it };  // what the executor has said of attempts
    void reconcile();
    void reconcile(const std::vector<os::AttemptId>& attempts, Keepers word);
    void reconcile(const std::vector<Run>& running, Keepers word);
    bool needs_keeper(const Run& run) const;
    std::vector<os::Question> questions(const std::vector<Run>& runs) const;
    void ask_keeper(const std::vector<Run>& runs);
    void ask_about_living(const std::vector<Run>& runs);
    // Those of them that the executor lacks, asked at once; it has the others, or has not answered in time.
    std::set<RunId> lacked(const std::vector<Run>& runs);
    void mend();
    // Compares the records with the ledger, once. Error: store.
    Result<FoundAttempts> compare_records(Recovered& recovered);
    void add_begun_later(const std::vector<Run>& unfinished, FoundAttempts& found) const;
    // Of the run's latest attempt. Another run's record is moved aside; nothing while that cannot be: it is held back.
    std::optional<os::AttemptState> record_of(const Run& run);
    // Whether the lack of a record leaves open that the attempt began: nothing of it is forced to the disk.
    bool absence_proves_nothing(const Run& run) const;
    std::vector<Outcome> ended_meanwhile(const std::vector<Run>& unfinished);
    std::optional<Outcome> end_of(const Run& run, const os::AttemptState& attempt, const Job* job) const;
    static Outcome lost(const Run& run);

    // shell_aside.cpp
    void tell_found(const FoundAttempts& found);
    void tell_aside();

    os::Executor& executor_;
    const os::Clock& clock_;
    Launcher& launcher_;
    RunStore& store_;
    ReadContext context_;
    Listeners listeners_;
    HandedOver handed_over_;
    int keeper_count_ = 1;  // the connections made, and lost, so far
    std::shared_ptr<const Plan> plan_;
    std::unique_ptr<Engine> engine_;
    std::string trouble_, keeper_trouble_;
    LedgerUse failed_at_ = LedgerUse::writing;  // what `trouble_` keeps from being done
    std::string failure_;                       // what an exception said since the engine was made; "" = none
    std::optional<Seconds> failed_up_;          // the latest exception; by the monotonic clock
    std::optional<Seconds> mend_up_;            // when to try again what is in trouble; by the monotonic clock
    bool new_notices_ = false;
    std::vector<Probe> probes_;
    std::vector<AttemptName> ended_;
    std::vector<Outcome> not_launched_;  // they could not even be asked for, which the engine is told at the next step
    bool draining_ = false;              // asked for, and to be asked of every new engine
    std::string other_cron_;             // the same
    // While recovering, and until it is clear how they are: what the ledger has of another boot of the machine.
    std::set<RunId> before_boot_;
    // Running in the ledger when it came here from another directory or machine, or from a backup.
    std::set<os::AttemptId> from_elsewhere_;
    std::string ledger_;  // which one it is
    Boots boots_;
    RunId largest_on_disk_ = 0;  // the ledger gives higher numbers
    bool has_aside_ = false;
    bool compared_ = false;           // the records with the ledger
    std::set<RunId> held_back_;       // by another run's record, which is looked at again
    std::map<RunId, Signal> unsent_;  // the latest of each run, while the executor does not take them
    // Runs whose record cannot be read, and why; "": it is gone, and the executor cannot write it. It is looked at again
    // after `mend_after`.
    std::map<RunId, std::string> unread_;
    Instant next_prune_;
};

}  // namespace mc::app
