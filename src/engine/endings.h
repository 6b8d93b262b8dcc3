// endings.h — how attempts and runs end, and what follows: notifications, alerts, a retry.
#pragma once

#include <optional>
#include <vector>

#include "engine/alerts.h"
#include "engine/early_end.h"
#include "engine/start_troubles.h"

namespace mc {

// The last lines of an attempt's output, masked.
struct LastOutput {
    std::string text{};
};

class Endings {
   public:
    Endings(Step& step, const Definitions& jobs, RunBook& book, Alerts& alerts, Notices& notices,
            StartTroubles& troubles);

    // The run ends in that state. The output is for notifications.
    void finish(const Run& run, State state, Because why, const LastOutput& output = {});
    // An operator sets the result of the run.
    void mark(const Run& run, const MarkAsked& asked);
    // Ends the run as failed if `end` is set. Returns whether it did.
    bool finish_early(const Run& run, const std::optional<Because>& end);
    // For a job without a schedule: ends the run if `when` is false, however the run came about. Returns whether it
    // did.
    bool finish_by_when(const Job& job, const Run& run);
    // Ends a run that does not run if its job is disabled or has left the plan: as skipped, or as failed if it was
    // between two attempts. Returns whether it did.
    bool finish_without_job(const Run& run);

    // Signals a running run, which then ends as `ending`; any other run ends at once.
    void stop(const Run& run, State ending, Because why);
    // Attempts have ended, or could not start.
    void ended(const std::vector<Outcome>& outcomes);
    // The attempts of these running runs begin only now, long after their start was decided.
    void not_begun(const std::vector<RunId>& runs);
    // Applies the timeouts, limits and deadlines that have passed.
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
