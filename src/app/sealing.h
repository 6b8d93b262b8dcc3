// sealing.h — sees to it that what each attempt printed is put away after its end (os/output_seal.h), and its hash kept.
//
// A daemon that ended before it had put all away leaves the rest to the next one: the ledger knows which.
//
// Errors  a disk that is full leaves the file as it was: it is said once, and tried again every minute. So is what
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
    using Say = std::function<void(const std::string& line)>;

    Sealing(os::EventLoop& loop, Shell& shell, Say complain);

    // To be called after each step.
    void look();

   private:
    void begin_more();
    bool begin(AttemptName attempt);
    void done(AttemptName attempt, const Result<os::Seal>& seal);
    void try_later(AttemptName attempt, const std::string& why);
    void try_again();
    void read_rest();

    Shell& shell_;
    Say complain_;
    std::deque<AttemptName> waiting_;
    std::set<AttemptName> known_, later_;  // known: waiting, being copied, or for later
    std::size_t copying_ = 0;
    bool more_ = true;        // the ledger may have some that are not known here
    std::string told_;        // the trouble that was last told; "" = none
    std::string generation_;  // of the configuration that was last seen
    os::MonotonicTimer again_;
    os::OutputSealer sealer_;
};

}  // namespace mc::app
