// sealing.h — seals the output of each ended attempt (exec/output_seal.h), and stores its hash in the ledger.
//
// If a daemon ends before it has sealed everything, the next one continues: the ledger has the list.
//
// Errors  if the disk is full, a thread cannot be started, or a secret's file cannot be read, the output stays as it
//         is. That is a trouble, and sealing is tried again every minute. If it cannot be known any more what must be
//         masked (a secret's file was changed while no daemon ran, or the job is not in the configuration), each daemon
//         reports that once, and tries again only with the next configuration.
// Bounds  at most 16 files at the same time are handed to the thread that copies them.
#pragma once

#include <deque>
#include <functional>
#include <set>
#include <string>

#include "daemon/attempt_outputs.h"
#include "exec/output_seal.h"
#include "os/event_loop.h"
#include "shell/shell.h"

namespace mc::app {

class Sealing {
   public:
    // `trouble_changed`: trouble() has changed. `unmasked`: outputs cannot be masked; reported once for each attempt.
    Sealing(os::EventLoop& loop, Shell& shell, AttemptOutputs& outputs, std::function<void()> trouble_changed,
            std::function<void(const std::string& text)> unmasked);

    // Call it after each step.
    void look();
    // "", or why outputs cannot be sealed now.
    const std::string& trouble() const { return trouble_; }

   private:
    void begin_more();
    void begin(AttemptName attempt);
    void done(AttemptName attempt, const Result<os::Seal>& seal);
    void try_later(AttemptName attempt, const std::string& why);
    void try_again();
    void note_unmasked(AttemptName attempt, const std::string& why);
    void tell_unmasked();
    void forget(AttemptName attempt);
    void read_rest();

    Shell& shell_;
    AttemptOutputs& outputs_;
    std::function<void()> trouble_changed_;
    std::function<void(const std::string& text)> tell_;
    std::deque<AttemptName> waiting_;
    // known: waiting, being copied, later or unmasked. later: tried again at the next minute. failed: the latest try failed.
    std::set<AttemptName> known_, later_, failed_;
    std::set<AttemptName> unmasked_, told_unmasked_;
    std::vector<std::string> untold_;  // sentences about unmasked outputs that were not reported yet
    std::size_t copying_ = 0;
    bool more_ = true;        // the ledger may have attempts that are not in known_
    std::string trouble_;     // about the first attempt that failed; "" = none
    std::string generation_;  // of the plan at the last look()
    os::MonotonicTimer again_;
    os::OutputSealer sealer_;
};

}  // namespace mc::app
