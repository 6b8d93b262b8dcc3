// shell.h — the engine's hands: writes to the ledger, starts and signals through the keeper, hears of ends.
//
// After a failed write the engine is thrown away and made anew from the ledger, as after a crash, as soon
// as the ledger can be written again: what was due meanwhile is then found, late or not, as catch_up says.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/mask.h"
#include "daemon/found_attempts.h"
#include "daemon/handed_over.h"
#include "daemon/troubles.h"
#include "desk/masked_output.h"
#include "engine/engine.h"
#include "exec/keeper.h"
#include "exec/output_file.h"
#include "exec/output_seal.h"
#include "os/user.h"
#include "store/run_store.h"

namespace mc::app {

// Both clocks.
Now now();

class Shell {
   public:
    // Told of every run as it is written, for the terminal's log.
    using Listener = std::function<void(const Run&)>;

    // Without a keeper one is started with the first step.
    Shell(std::string state, ReadContext context, std::unique_ptr<RunStore> store, std::optional<os::Keeper> keeper,
          Listener listener, Troubles& troubles);

    // Makes the engine, settles the down time, and asks the disk how the running attempts are.
    // Error: store.
    Result<void> load(std::shared_ptr<const Plan> plan);

    // How long after a failure the ledger, the keeper and records are tried again.
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

    const Engine& engine() const { return *engine_; }
    Engine* engine_or_null() { return engine_.get(); }
    const Zone& host_zone() const { return *context_.host_zone; }
    const Plan& plan() const { return *plan_; }
    const std::shared_ptr<const Plan>& plan_pointer() const { return plan_; }
    RunStore& store() { return *store_; }
    const RunStore& store() const { return *store_; }
    const std::string& state() const { return state_; }
    // All that the notice's attempt printed, masked, or a sentence that says why it cannot be shown.
    std::string output_of(const Notice& notice) const;
    // A piece of what that attempt of the run printed, masked; it takes `output_work` at most.
    static constexpr std::chrono::milliseconds output_work{200};
    MaskedPiece output_piece(const Run& run, int attempt, std::uint64_t offset, std::size_t bytes);
    // -1 while there is no keeper; a number that was used before may be another's: keeper_count() tells.
    int keeper_fd() const { return keeper_ ? keeper_->fd() : -1; }
    int keeper_count() const { return keeper_count_; }
    // "" or why the ledger cannot be written.
    const std::string& trouble() const { return trouble_; }
    // "" or why no process waits for jobs: until it is mended none starts, and none is lost.
    const std::string& keeper_trouble() const { return keeper_trouble_; }
    // "" or that the keeper does not answer.
    std::string keeper_silence() const { return keeper_ ? handed_over_.trouble(keeper_->pid()) : ""; }
    // "" or which runs may have ended, because their records cannot be read.
    std::string record_trouble() const;
    // When to be woken; with a ledger or a keeper in trouble: soon.
    Wake wake() const;
    // What is to be looked at since the last call. It must be asked after each step.
    std::vector<Probe> take_probes() { return std::exchange(probes_, {}); }
    // Where it reports what is wrong with the daemon; the ledger's and the keeper's trouble it only holds.
    Troubles& troubles() { return troubles_; }
    // The attempts that have ended since the last call.
    std::vector<AttemptName> take_ended() { return std::exchange(ended_, {}); }
    // How the attempt's output is put away; absent when there is no such run. Error: what must be masked is not known.
    Result<std::optional<os::SealWork>> seal_work(AttemptName attempt) const;
    // The ledger keeps it.
    Result<void> sealed(AttemptName attempt, const OutputSeal& seal);
    // Ends the trouble about files of other runs when a person has removed them. To be called now and then.
    void look_aside();
    bool has_new_notices() { return std::exchange(new_notices_, false); }

   private:
    // What must be masked of an attempt's output: its job's secrets as they are now, and as they were given to the run.
    // Error: they are not known; of kind refused when the job is not in the configuration, or a secret's file was changed
    // after an attempt had begun that an earlier daemon launched, and that has ended.
    Result<Mask> mask_of(AttemptName attempt, const std::string& job) const;
    // Of an attempt that an earlier daemon launched, and that runs.
    void learn_given(const Run& run, const Job& job);
    Result<void> rebuild();
    Reply step(const Event& event, Now now);
    Reply carry_out_event(const Event& event, Now now);
    bool carry_out(const std::vector<Action>& actions, Instant decided_for, Reply& reply);
    // Not before `decided_for`. Returns those that could not even be asked for.
    std::vector<Outcome> launch(const std::vector<Run>& runs, Instant decided_for);
    void await(const std::vector<Run>& runs, Instant decided_for) const;
    bool send(const Signal& signal);  // false: no keeper took it
    void tell(const std::vector<Action>& actions) const;
    bool has_begun(const os::Ended& hindered);
    void look_for_silence(Now now);
    // What the keeper has said of attempts: nothing yet; that it has them; that it has not.
    enum class Keepers { silent, has_it, lacks_it };
    void reconcile();
    void reconcile(const std::vector<os::AttemptId>& attempts, Keepers word);
    void reconcile(const std::vector<Run>& running, Keepers word);
    bool needs_keeper(const Run& run) const;
    std::vector<os::Question> questions(const std::vector<Run>& runs) const;
    void ask_keeper(const std::vector<Run>& runs);
    void ask_about_living(const std::vector<Run>& runs);
    // Those of them that the keeper lacks, asked at once; it has the others, or has not answered in time.
    std::set<RunId> lacked(const std::vector<Run>& runs);
    void find_keeper();
    void mend();
    // Compares the files on disk with the ledger, once. Error: store.
    Result<FoundAttempts> compare_disk(Recovered& recovered);
    void tell_found(const FoundAttempts& found);
    void tell_aside();
    // Of the run's latest attempt. Another run's files are moved aside; nothing while that cannot be: it is held back.
    std::optional<os::AttemptState> files_of(const Run& run);
    // Whether the lack of a record leaves open that the attempt began: nothing of it is forced to the disk.
    bool absence_proves_nothing(const Run& run) const;
    std::vector<Outcome> ended_meanwhile(const std::vector<Run>& unfinished);
    std::optional<Outcome> end_of(const Run& run, const os::AttemptState& attempt, const Job* job) const;
    static Outcome lost(const Run& run);
    Outcome outcome_of(const os::Ended& ended, const Job* job) const;
    void prune();
    // Whether the output is the copy that was put away, which needs no mask.
    bool is_sealed(AttemptName attempt) const;

    std::string state_;
    ReadContext context_;
    std::unique_ptr<RunStore> store_;
    std::optional<os::Keeper> keeper_;
    HandedOver handed_over_;
    int keeper_count_ = 1;  // the keepers found, and lost, so far
    Listener listener_;
    Troubles& troubles_;
    Result<os::User> self_;  // as it was when the plan was loaded
    std::shared_ptr<const Plan> plan_;
    std::unique_ptr<Engine> engine_;
    std::string trouble_, keeper_trouble_;
    std::string failure_;               // what an exception said since the engine was made; "" = none
    std::optional<Seconds> failed_up_;  // the latest exception; by the monotonic clock
    std::optional<Seconds> mend_up_;    // when to try again what is in trouble; by the monotonic clock
    bool new_notices_ = false;
    std::vector<Probe> probes_;
    std::vector<AttemptName> ended_;
    std::vector<Outcome> not_launched_;  // they could not even be asked for, which the engine is told at the next step
    // Secrets, to each attempt of runs whose output is not put away yet.
    std::map<RunId, std::map<int, std::vector<std::string>>> given_;
    MaskedOutputs outputs_;   // that were asked for
    bool draining_ = false;   // asked for, and to be asked of every new engine
    std::string other_cron_;  // the same
    // While recovering, and until it is clear how they are: what the ledger has of another boot of the machine.
    std::set<RunId> before_boot_;
    // Running in the ledger when it came here from another directory or machine, or from a backup.
    std::set<os::AttemptId> from_elsewhere_;
    std::string ledger_;  // which one it is
    Boots boots_;
    RunId largest_on_disk_ = 0;  // the ledger gives higher numbers
    bool has_aside_ = false;
    bool compared_ = false;           // the disk with the ledger
    std::set<RunId> held_back_;       // by another run's files, which are looked at again
    std::map<RunId, Signal> unsent_;  // the latest of each run, while no keeper takes them
    // Runs whose record cannot be read, and why; "": it is gone, and the keeper cannot write it. It is looked at again
    // after `mend_after`.
    std::map<RunId, std::string> unread_;
    Instant next_prune_;
};

}  // namespace mc::app
