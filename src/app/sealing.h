// sealing.h — sees to it that what each attempt printed is put away after its end (os/output_seal.h), and its hash kept.
//
// A daemon that ended before it had put all away leaves the rest to the next one: the ledger knows which.
//
// Errors  a disk that is full, or a thread that is refused, leaves the file as it was: it is a trouble, and tried again
//         every minute. So is what
//         must be masked and is not known because a secret's file cannot be read; of a job that is not in the
//         configuration it is tried again with the next configuration.
// Bounds  16 files at once are given to the thread that copies them.
#pragma once

#include <deque>
#include <functional>
#include <set>
#include <string>

#include "app/shell.h"
#include "os/event_loop.h"
#include "os/output_seal.h"

namespace mc::app {

class Sealing {
   public:
    Sealing(os::EventLoop& loop, Shell& shell, std::function<void()> trouble_changed);

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
    void read_rest();

    Shell& shell_;
    std::function<void()> trouble_changed_;
    std::deque<AttemptName> waiting_;
    std::set<AttemptName> known_, later_;  // known: waiting, being copied, or for later
    std::size_t copying_ = 0;
    bool more_ = true;        // the ledger may have some that are not known here
    std::string trouble_;     // since the latest copy that was made; "" = none
    std::string generation_;  // of the configuration that was last seen
    os::MonotonicTimer again_;
    os::OutputSealer sealer_;
};

}  // namespace mc::app
