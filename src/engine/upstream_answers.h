// upstream_answers.h — a cache of the states of upstream jobs, by (job, question, date). An entry is removed when one
// of the job's dates changes.
#pragma once

#include <map>
#include <string>
#include <tuple>

#include "engine/step_past.h"

namespace mc {

class UpstreamAnswers {
   public:
    explicit UpstreamAnswers(StepPast& past) : past_(past) {}

    enum class Asks { same_date, previous, own_past };
    static Asks asked_by(const Upstream& upstream) { return upstream.previous ? Asks::previous : Asks::same_date; }

    // As status_of(). If the run has assume_upstream, an upstream job without a row counts as success.
    UpstreamStatus of(const Upstream& upstream, const Run& run);
    // As status_of_past().
    UpstreamStatus of_own_past(const Job& job, const Run& run);
    // Call it when a run of the job for that date has changed.
    void forget(const JobName& job, Date date);
    void clear() { known_.clear(); }

   private:
    StepPast& past_;
    std::map<std::tuple<JobName, Asks, Date>, UpstreamStatus> known_;  // the date is the asking run's
};

}  // namespace mc
