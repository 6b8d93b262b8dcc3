// endings.h — how attempts and runs end, and what follows: messages, alerts, another attempt.
#pragma once

#include <optional>
#include <vector>

#include "engine/alerts.h"
#include "engine/early_end.h"
#include "engine/start_troubles.h"

namespace mc {

// The end of what an attempt printed, masked.
struct LastOutput {
    std::string text{};
};

class Endings {
   public:
    Endings(Step& step, const Definitions& jobs, RunBook& book, Alerts& alerts, Notices& notices,
            StartTroubles& troubles);

    // The run ends in that state. The output is for messages.
    void finish(const Run& run, State state, Because why, const LastOutput& output = {});
    // An operator says how the run ended.
    void mark(const Run& run, const MarkAsked& asked);
    // True: the run has ended because of it.
    bool finish_early(const Run& run, const std::optional<Because>& end);
    // A job without a schedule asks its `when` on every road to a run. True: the run has ended because of it.
    bool finish_by_when(const Job& job, const Run& run);

    // A running one is told to end as that state, others end at once.
    void stop(const Run& run, State ending, Reason reason);
    // Attempts have ended, or could not begin.
    void ended(const std::vector<Outcome>& outcomes);
    // What is over by now: timeouts, limits, deadlines.
    void expire();

   private:
    void take(const Outcome& outcome);
    void put_back(const Run& run, const Hindrance& why);
    void conclude(const Run& run, const Outcome& outcome);
    std::optional<Instant> next_attempt(const Run& run, const Ending& ending, const Job* job) const;
    void expire_running(const Run& run);
    void miss_if_too_late(const Run& run);
    void tell_late();

    Step& step_;
    const Definitions& jobs_;
    RunBook& book_;
    Alerts& alerts_;
    Notices& notices_;
    StartTroubles& troubles_;
};

}  // namespace mc
