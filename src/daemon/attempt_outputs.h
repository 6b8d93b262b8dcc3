// attempt_outputs.h — prepares the launches of attempts from jobs' files and secrets, and gives their outputs with
// secrets masked.
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

    // ---- for messages, the control API and sealing (sealing.h)
    // The whole output of the notice's attempt, masked, or a sentence that says why it cannot be shown.
    std::string output_of(const Notice& notice) const;
    // A piece of the output of that attempt, masked; takes at most `output_work`.
    static constexpr std::chrono::milliseconds output_work{200};
    MaskedPiece output_piece(const Run& run, int attempt, std::uint64_t offset, std::size_t bytes);
    // How to seal the attempt's output; absent if the run does not exist. Error: as of mask_of(), or of the ledger.
    Result<std::optional<os::SealWork>> seal_work(AttemptName attempt) const;
    // Stores the seal in the ledger. `over`: no other attempt of the run follows.
    enum class RunIs { unfinished, over };
    Result<void> sealed(AttemptName attempt, const OutputSeal& seal, RunIs run);

   private:
    // What must be masked in an attempt's output: its job's secrets as they are now, and as the run got them.
    // Error: they are not known. The kind is refused if that cannot change by itself: the job is not in the
    // configuration, or a secret's file was changed after an earlier daemon launched the attempt, which has ended.
    Result<Mask> mask_of(AttemptName attempt, const JobName& job) const;
    // Whether the output was sealed: then it is a masked copy, and needs no mask.
    bool is_sealed(AttemptName attempt) const;

    std::string state_;
    RunStore& store_;
    Result<os::User> self_;  // the daemon's own user, looked up when the plan was loaded
    std::shared_ptr<const Plan> plan_;
    // The secrets that each attempt got; kept for a run until its output is sealed.
    std::map<RunId, std::map<int, std::vector<std::string>>> given_;
    MaskedOutputs outputs_;  // the ones read last
};

}  // namespace mc::app
