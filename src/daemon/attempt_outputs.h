// attempt_outputs.h — attempts as jobs' files and secrets make them: their launches, and what they printed, masked.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mask.h"
#include "desk/masked_output.h"
#include "exec/output_file.h"
#include "exec/output_seal.h"
#include "os/user.h"
#include "shell/launcher.h"
#include "store/run_store.h"

namespace mc::app {

class AttemptOutputs final : public Launcher {
   public:
    // `state`: the state directory. The store outlives it.
    AttemptOutputs(std::string state, RunStore& store);
    const std::string& state() const { return state_; }

    // ---- for the shell
    std::vector<Result<os::Launch>> make(const std::vector<Order>& orders, const Plan& plan) override;
    void plan_loaded(std::shared_ptr<const Plan> plan) override;
    void found_living(const Order& order) override;
    void record_living(const std::string& ledger, Home home, const Plan& plan) override;
    Printed printed(AttemptName attempt, const Job& job) const override;

    // ---- for messages, the control API and to be put away
    // All that the notice's attempt printed, masked, or a sentence that says why it cannot be shown.
    std::string output_of(const Notice& notice) const;
    // A piece of what that attempt of the run printed, masked; it takes `output_work` at most.
    static constexpr std::chrono::milliseconds output_work{200};
    MaskedPiece output_piece(const Run& run, int attempt, std::uint64_t offset, std::size_t bytes);
    // How the attempt's output is put away; absent when there is no such run. Error: what must be masked is not known.
    Result<std::optional<os::SealWork>> seal_work(AttemptName attempt) const;
    // The ledger keeps it. `is_over`: no other attempt of the run follows.
    Result<void> sealed(AttemptName attempt, const OutputSeal& seal, bool is_over);

   private:
    // What must be masked of an attempt's output: its job's secrets as they are now, and as they were given to the run.
    // Error: they are not known; of kind refused when the job is not in the configuration, or a secret's file was changed
    // after an attempt had begun that an earlier daemon launched, and that has ended.
    Result<Mask> mask_of(AttemptName attempt, const std::string& job) const;
    // Whether the output is the copy that was put away, which needs no mask.
    bool is_sealed(AttemptName attempt) const;

    std::string state_;
    RunStore& store_;
    Result<os::User> self_;  // as it was when the plan was loaded
    std::shared_ptr<const Plan> plan_;
    // Secrets, to each attempt of runs whose output is not put away yet.
    std::map<RunId, std::map<int, std::vector<std::string>>> given_;
    MaskedOutputs outputs_;  // that were asked for
};

}  // namespace mc::app
