// root_causes.h — messages about runs that could not start because an upstream failed: one for the failure that began
// it, to each target that hears of any of them, with the jobs that it keeps from running.
#pragma once

#include <map>
#include <vector>

#include "engine/alerts.h"
#include "engine/upstream_answers.h"

namespace mc {

class RootCauses {
   public:
    RootCauses(const Definitions& jobs, RunBook& book, const JobRecords& records, StepPast& past,
               UpstreamAnswers& answers, Alerts& alerts, Notices& notices);

    // The run has just ended as upstream_failed; `seen` is what its trigger judged.
    void note_upstream_failed(const Run& run, const std::vector<UpstreamStatus>& seen);
    // Once at the end of the step, before alerts and messages are written.
    void tell();

   private:
    using Kept = std::vector<const Job*>;
    const Kept& kept_by(const Run& root);
    Kept kept_from_running(const Run& root) const;
    void tell_of(RunId root, const std::vector<RunId>& ended);
    void tell_root(const Run& root, const Job& job, const std::string& target, Listener listener);
    void name_kept_jobs();

    const Definitions& jobs_;
    RunBook& book_;
    const JobRecords& records_;
    StepPast& past_;
    UpstreamAnswers& answers_;
    Alerts& alerts_;
    Notices& notices_;
    std::map<RunId, std::vector<RunId>> ended_by_;  // that ended as upstream_failed, by the run that began it
    std::map<RunId, RunId> root_of_;                // the same, the other way round
    std::map<RunId, Kept> kept_;                    // of this step
};

}  // namespace mc
