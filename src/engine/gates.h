// gates.h — which runs wait for which dates of upstream jobs, or for their own past.
//
// A run that waits for other runs is parked: no step examines it until one of those dates changes, the run itself
// changes, or one of its limits is reached. So 10,000 waiting runs cost nothing while nothing happens.
//
// A run that ended as upstream_failed waits again when its upstream job has succeeded later.
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "engine/root_causes.h"
#include "engine/sensor_watch.h"

namespace mc {

class Gates {
   public:
    Gates(Step& step, Definitions& jobs, RunBook& book, const JobRecords& records, StepPast& past,
          UpstreamAnswers& answers, RootCauses& causes, Endings& endings, SensorWatch& sensors);

    // Judges every run that may wait for others, if it has changed or depends on something that has changed.
    void judge();
    // Whether something has changed since judge().
    bool has_news() const { return book_.has_changed_days(); }
    // Whether the run still has to wait. Call judge() before.
    bool keeps_waiting(const Run& run) const;
    // Parks a run that has to wait.
    void park(const Run& run);
    // Call it when the run must be judged again, starts, or has ended.
    void forget(RunId id);
    // Judges all runs again: a new plan, a fire without a run, or an ice may change any answer.
    void judge_all_again();

   private:
    using Asks = UpstreamAnswers::Asks;
    using Watch = std::tuple<JobName, Asks, Date>;  // the job, the kind of question, and the date
    struct Gate {
        std::vector<Watch> dates;
        bool open = false;
    };
    void collect();
    std::set<RunId> concerned();
    void judge(const Job& job, const Run& run);
    std::vector<UpstreamStatus> upstreams_of(const Job& job, const Run& run);
    bool ends_by(TriggerVerdict verdict, const std::vector<UpstreamStatus>& seen, const Job& job, const Run& run);
    void watch(RunId id, Gate gate);
    void wait_for(const std::vector<UpstreamStatus>& seen, const Run& run);

    // healing.cpp
    using Hanging = std::map<std::pair<Instant, RunId>, Run>;  // by fire
    void heal();
    std::map<JobName, std::set<Date>> healed_dates();
    void add_hanging(const Job& job, const Upstream& upstream, const std::set<Date>& dates, Hanging& hanging) const;
    bool would_run(const Job& job, const Run& ended) const;
    void recover(const Run& ended);

    Step& step_;
    Definitions& jobs_;
    RunBook& book_;
    const JobRecords& records_;
    StepPast& past_;
    UpstreamAnswers& answers_;
    RootCauses& causes_;
    Endings& endings_;
    SensorWatch& sensors_;
    std::map<RunId, Gate> gates_;                // of runs that have not started
    std::map<Watch, std::set<RunId>> watchers_;  // the same, the other way round
    std::set<RunId> to_judge_;
    bool collect_ = false;  // the next judge() searches for runs that have no gate yet
};

}  // namespace mc
