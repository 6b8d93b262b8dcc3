// root_causes.h — notifications about runs that cannot start because an upstream run failed. Each target of such a job
// gets one message about the run that failed first, the root; it names the blocked jobs.
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

    // Call it when a run has ended as upstream_failed; `seen` are its upstream jobs as its trigger judged them.
    void note_upstream_failed(const Run& run, const std::vector<UpstreamStatus>& seen);
    // Call it once at the end of the step, before alerts and notifications are written.
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
    std::map<RunId, std::vector<RunId>> ended_by_;  // runs that ended as upstream_failed, by the failed run
    std::map<RunId, RunId> root_of_;                // the same, the other way round
    std::map<RunId, Kept> kept_;                    // of this step
};

}  // namespace mc
