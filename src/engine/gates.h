// gates.h — which runs wait for which dates of other jobs, or of their own past.
//
// A run behind a closed gate is parked: no step looks at it until one of the dates that it waits for changes, it is
// changed itself, or one of its limits is reached. So ten thousand waiting runs cost nothing while nothing happens.
//
// A run that ended as upstream_failed waits again once its upstream has succeeded after all.
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

    // Every run that may wait for others, and has changed or depends on what has changed, is judged.
    void judge();
    // Something has changed that judge() has not seen.
    bool has_news() const { return book_.has_changed_days(); }
    // After judge(): the run's gate is closed.
    bool keeps_waiting(const Run& run) const;
    // The run's gate is closed: it is parked.
    void park(const Run& run);
    // The run's gates are to be judged anew; or it starts, or has ended.
    void forget(RunId id);
    // All gates are: another plan, a fire without a run, or an ice may change any answer.
    void judge_all_again();

   private:
    using Asks = UpstreamAnswers::Asks;
    using Watch = std::tuple<std::string, Asks, Date>;  // of which job, how, and which of its dates decides
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
    std::map<std::string, std::set<Date>> healed_dates();
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
    bool collect_ = false;  // runs without a gate are to be looked for
};

}  // namespace mc
