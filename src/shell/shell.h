// shell.h — carries out the engine's actions: writes to the ledger, starts and signals attempts through an executor,
// and receives their ends. When it starts, it finds out what became of attempts that an earlier shell started.
//
// The daemon uses this Shell with the keeper, SQLite and the machine's clocks. The simulator, the tests and `simulate`
// use the same Shell with a virtual executor, a store in memory and a virtual clock.
//
// If a question to the ledger or a write fails, nothing of that step is done. The engine is discarded, and made again
// from the ledger as soon as the ledger can be used, as after a crash. Fires that were due meanwhile follow catch_up.
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
    // Callbacks; each may be empty.
    struct Listeners {
        std::function<void(const Run&)> written;  // every run, as it is written
        // About records that do not belong to this ledger. `happened` reports an event; `lasts` a state that lasts until
        // the next call with the same `about`, where the text "" means that it has ended.
        std::function<void(const std::string&about, const std::string&text)> happened, lasts;
    };
    Shell(Surroundings surroundings, ReadContext context, Listeners listeners);

    // Makes the engine, decides about fires of the time without a daemon, and reads the records of running attempts.
    // Error: store.
    Result<void> load(std::shared_ptr<const Plan> plan);

    // The pause after a failure of the ledger, the executor or a record before it is tried again.
    static constexpr Seconds mend_after{5};
    // How long before its instant a due fire is decided and written: the time that this takes on a fast disk.
    static constexpr std::chrono::milliseconds decided_ahead{2};
    // Call it at most `decided_ahead` before the engine's next instant, or later. Nothing starts before the instant.
    void instant_comes();

    // Another program that runs the machine's crontabs; see OtherCron in engine.h. May be called before load().
    void other_cron(const std::string& who);
    bool loaded() const { return plan_ != nullptr; }

    // Call it when an exception left one of these calls, because the engine may hold half a change. The engine is
    // discarded and made again from the ledger: at once, or after `mend_after` if this happened within the last minute.
    void start_over(const std::string& what) noexcept;
    // Why there is no engine now: the answer to requests.
    std::string refusal() const;

    // One step. Returns the engine's reply to a request; of kind store if the ledger cannot be used.
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
    // -1 while there is no connection. A new connection may have the same number; then keeper_count() differs.
    int keeper_fd() const { return executor_.fd(); }
    int keeper_count() const { return keeper_count_; }
    // "", or why the ledger cannot be read or written.
    const std::string& trouble() const { return trouble_; }
    // "", "the ledger cannot be read: WHY", or "the ledger cannot be written: WHY".
    std::string ledger_trouble() const;
    // "", or why there is no executor: until it is back no attempt starts, and none is lost.
    const std::string& keeper_trouble() const { return keeper_trouble_; }
    // "", or that the executor does not answer.
    std::string keeper_silence() const { return executor_.is_connected() ? handed_over_.trouble(executor_.pid()) : ""; }
    // "", or which runs may have ended, because their records cannot be read.
    std::string record_trouble() const;
    // When the next step is due; within `mend_after` while the ledger or the executor is in trouble.
    Wake wake() const;
    // The new probes since the last call. Call it after each step.
    std::vector<Probe> take_probes() { return std::exchange(probes_, {}); }
    // The attempts that have ended since the last call.
    std::vector<AttemptName> take_ended() { return std::exchange(ended_, {}); }
    // Ends the trouble about records of other runs once they are removed. Call it now and then.
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
    // Starts them, not before `decided_for`. Returns an outcome for each run whose start could not be requested.
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

    // shell_records.cpp
    enum class Keepers { silent, has_it, lacks_it };  // the executor's answer about attempts
    void reconcile();
    void reconcile(const std::vector<os::AttemptId>& attempts, Keepers word);
    void reconcile(const std::vector<Run>& running, Keepers word);
    bool needs_keeper(const Run& run) const;
    std::vector<os::Question> questions(const std::vector<Run>& runs) const;
    void ask_keeper(const std::vector<Run>& runs);
    void ask_about_living(const std::vector<Run>& runs);
    // Asks the executor and waits. Returns the runs that it does not have; it has the others, or did not answer in
    // time.
    std::set<RunId> lacked(const std::vector<Run>& runs);
    void mend();
    // Compares the records with the ledger, once. Error: store.
    Result<FoundAttempts> compare_records(Recovered& recovered);
    void add_begun_later(const std::vector<Run>& unfinished, FoundAttempts& found) const;
    // The state of the run's latest attempt. A record of another run is moved aside; if that fails, returns nullopt,
    // and the run is held back.
    std::optional<os::AttemptState> record_of(const Run& run);
    // Whether the attempt may have started although it has no record: records are not forced to the disk.
    bool absence_proves_nothing(const Run& run) const;
    // Call it before the launch of attempts that never began: their timeouts start again. Returns false if the engine was
    // discarded.
    bool time_again(const std::vector<Run>& late);
    void stop_again(const std::vector<Run>& launched);
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
    int keeper_count_ = 1;  // grows by 1 with each lost connection
    std::shared_ptr<const Plan> plan_;
    std::unique_ptr<Engine> engine_;
    std::string trouble_, keeper_trouble_;
    LedgerUse failed_at_ = LedgerUse::writing;  // the use that failed with `trouble_`
    std::string failure_;                       // text of an exception since the engine was made; "": none
    std::optional<Seconds> failed_up_;          // when the latest exception came; monotonic clock
    std::optional<Seconds> mend_up_;            // when to retry after a failure; monotonic clock
    bool new_notices_ = false;
    std::vector<Probe> probes_;
    std::vector<AttemptName> ended_;
    std::vector<Outcome> not_launched_;  // starts that could not be requested; given to the engine in the next step
    bool draining_ = false;              // a drain was requested; each new engine gets the request
    std::string other_cron_;             // as of other_cron(); each new engine gets it
    // Unfinished runs of the ledger from another boot of the machine, until their state is known.
    std::set<RunId> before_boot_;
    // Attempts that were running in a ledger that came from another directory, another machine or a backup.
    std::set<os::AttemptId> from_elsewhere_;
    std::string ledger_;  // the ledger's name
    Boots boots_;
    RunId largest_on_disk_ = 0;  // the ledger gives higher numbers
    bool has_aside_ = false;
    bool compared_ = false;           // the records were compared with the ledger
    std::set<RunId> held_back_;       // runs whose files belong to another run; checked again after `mend_after`
    std::map<RunId, Signal> unsent_;  // the latest signal for each run, while the executor does not accept signals
    // Runs whose record cannot be read, and why; "": it is gone, and the executor cannot write it again. Checked again
    // after `mend_after`.
    std::map<RunId, std::string> unread_;
    Instant next_prune_;
};

}  // namespace mc::app
