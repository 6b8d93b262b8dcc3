// start_troubles.h — starts that the machine refuses at present: their runs wait, and are retried.
//
// If the cause affects every start (no process, no space for an attempt's files), one run at a time retries. If it
// affects one run (its user's limit, its program is being written), the others can start. Both are retried after 5
// seconds, then with growing pauses of at most 30 seconds. The ledger has only the run's reason: a new engine retries
// at once.
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

    // The run's attempt could not start, but may later.
    void refused(const Run& run, const Hindrance& why);
    // The run's attempt started, and has ended.
    void has_begun(const Run& run);
    // The run starts now: it may be the one run that retries.
    void note_start(const Job& job, const Run& run);
    // Call it before runs are admitted: checks whether the run that retries has started.
    void judge_trial();
    // Why the run cannot be started now; nullopt: it can.
    std::optional<StartRefused> hindrance_of(const Job& job, const Run& run) const;
    void add_wakes(Wake& wake) const;
    // The causes, by the job that they affect; "": all jobs.
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
    RunId trial_ = 0;  // the run that retries; 0: none
    Seconds trial_until_{0};
};

}  // namespace mc
