// sealing.h — sees to it that what each attempt printed is put away after its end (exec/output_seal.h), and its hash kept.
//
// A daemon that ended before it had put all away leaves the rest to the next one: the ledger knows which.
//
// Errors  a disk that is full, or a thread that is refused, leaves the file as it was: it is a trouble, and tried again
//         every minute. The same holds while a secret's file cannot be read. Where what must be masked cannot be known
//         any more (a secret's file was changed while no daemon ran, the job is not in the configuration), that is told
//         once by each daemon, and tried again only with the next configuration.
// Bounds  16 files at once are given to the thread that copies them.
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
    // `unmasked`: what of attempts cannot be masked, once for each.
    Sealing(os::EventLoop& loop, Shell& shell, AttemptOutputs& outputs, std::function<void()> trouble_changed,
            std::function<void(const std::string& text)> unmasked);

    // To be called after each step.
    void look();
    // "", or why what jobs print cannot be put away now.
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
    // known: waiting, being copied, for later or unmasked. later: for the next minute. failed: at the latest try.
    std::set<AttemptName> known_, later_, failed_;
    std::set<AttemptName> unmasked_, told_unmasked_;
    std::vector<std::string> untold_;  // of those: a sentence for each
    std::size_t copying_ = 0;
    bool more_ = true;        // the ledger may have some that are not known here
    std::string trouble_;     // of the first that failed; "" = none
    std::string generation_;  // of the configuration that was last seen
    os::MonotonicTimer again_;
    os::OutputSealer sealer_;
};

}  // namespace mc::app
