#include "engine/upstream_answers.h"

namespace mc {

UpstreamStatus UpstreamAnswers::of(const Upstream& upstream, const Run& run) {
    const std::tuple key{upstream.job, asked_by(upstream), run.logical_date};
    auto known = known_.find(key);
    if (known == known_.end())
        known = known_.emplace(key, status_of(upstream, run.logical_date, past_.history())).first;
    UpstreamStatus seen = known->second;
    if (run.assume_upstream && seen.basis == UpstreamStatus::Basis::no_run)
        seen.standing = UpstreamStatus::Standing::success;
    return seen;
}

UpstreamStatus UpstreamAnswers::of_own_past(const Job& job, const Run& run) {
    const std::tuple key{job.name, Asks::own_past, run.logical_date};
    const auto known = known_.find(key);
    if (known != known_.end()) return known->second;
    return known_.emplace(key, status_of_past(job, run.logical_date, past_.history())).first->second;
}

// Also forgets answers about later dates, whose newest earlier date may now be this one.
void UpstreamAnswers::forget(const JobName& job, Date date) {
    known_.erase({job, Asks::same_date, date});
    for (const Asks asks : {Asks::previous, Asks::own_past}) {
        auto later = known_.lower_bound({job, asks, date + date::days{1}});
        while (later != known_.end() && std::get<0>(later->first) == job && std::get<1>(later->first) == asks &&
               later->second.date <= date)
            later = known_.erase(later);
    }
}

}  // namespace mc
