// start_troubles.h — starts that the machine refuses for now: their runs wait, and are tried again.
//
// What hinders every start (no process, no space for an attempt's files) is tried by one run at a time. What hinders
// one run alone (its user's limit, its program that is being written) lets the others start. Both are tried again after
// five seconds, then more and more rarely. The ledger has only the run's reason: a new engine tries at once.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "engine/definitions.h"
#include "engine/run_book.h"

namespace mc {

class StartTroubles {
   public:
    StartTroubles(Step& step, const Definitions& jobs, const RunBook& book);

    // The run's attempt could not begin, and may later.
    void refused(const Run& run, const Hindrance& why);
    // The run's attempt has begun, and ended.
    void has_begun(const Run& run);
    // The run starts now: it may be the one that tries.
    void note_start(const Job& job, const Run& run);
    // Before runs are admitted: whether the one that tries has begun by now.
    void judge_trial();
    // Why the run may not be tried now; nullopt: it may.
    std::optional<StartRefused> hindrance_of(const Job& job, const Run& run) const;
    void add_wakes(Wake& wake) const;
    // By the job that is concerned; "": all.
    std::map<std::string, std::string> texts() const;

   private:
    struct Trouble {
        std::string text;
        Seconds pause{0}, next_up{0};
        void again(const std::string& why, Now now);
    };
    bool ends_trial(const Run& run);

    Step& step_;
    const Definitions& jobs_;
    const RunBook& book_;
    std::optional<Trouble> every_start_;
    std::map<RunId, Trouble> of_run_;
    RunId trial_ = 0;  // the one start that is tried meanwhile; 0: none
    Seconds trial_until_{0};
};

}  // namespace mc
