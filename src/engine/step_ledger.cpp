#include "engine/step_ledger.h"

#include <algorithm>
#include <tuple>

#include "engine/upstream.h"

namespace mc {

Result<std::optional<Run>> StepLedger::by_key(const JobName& job, const FireKey& key) const {
    if (const Run* run = book_.by_key(job, key)) return *run;
    return stored_.by_key(job, key);
}

Result<std::optional<Run>> StepLedger::by_id(RunId id) const {
    if (const Run* run = book_.find(id)) return *run;
    return stored_.by_id(id);
}

Result<std::optional<Run>> StepLedger::spanning(const JobName& job, Instant fire) const {
    for (const RunId id : book_.shared_rows()) {
        const Run& run = book_.at(id);
        if (run.job == job && run.last_fire && run.fire <= fire && fire <= *run.last_fire) return run;
    }
    auto row = stored_.spanning(job, fire);
    if (const Run* changed = row && *row ? book_.find((*row)->id) : nullptr) return *changed;
    return row;
}

Result<std::optional<JobRecord>> StepLedger::record_of(const JobName& job) const {
    const JobRecord* record = records_.find(job);
    return record ? std::optional(*record) : std::nullopt;
}

Result<std::vector<Run>> StepLedger::by_date(const JobName& job, Date logical_date) const {
    auto found = stored_.by_date(job, logical_date);
    if (!found) return found;
    std::vector<Run>& runs = *found;
    std::erase_if(runs, [&](const Run& run) { return book_.find(run.id) != nullptr; });
    const auto at_hand = book_.by_date().find({job, logical_date});
    if (at_hand != book_.by_date().end())
        for (const RunId id : at_hand->second) runs.push_back(book_.at(id));
    std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) {
        return std::pair{a.fire, a.id} < std::pair{b.fire, b.id};
    });
    return found;
}

Result<std::optional<Run>> StepLedger::newest_before(const JobName& job, Date date, Instant fire_before) const {
    auto found = stored_.newest_before(job, date, fire_before);
    if (!found) return found;
    const std::optional<Run>& newest = *found;
    const auto& days = book_.by_date();
    for (auto at = days.lower_bound({job, date}); at != days.begin();) {
        --at;
        if (at->first.first != job || (newest && at->first.second <= newest->logical_date)) break;
        for (const RunId id : at->second)
            if (seen_by_others(book_.at(id))) return book_.at(id);
    }
    return found;
}

Result<std::vector<Run>> StepLedger::upstream_failed_after(const JobName& job, Date date) const {
    auto found = stored_.upstream_failed_after(job, date);
    if (!found) return found;
    std::vector<Run>& runs = *found;
    std::erase_if(runs, [&](const Run& run) { return book_.find(run.id) != nullptr; });
    for (const auto& [id, is_new] : book_.changed()) {
        const Run& run = book_.at(id);
        if (run.job == job && run.state == State::upstream_failed && run.logical_date > date) runs.push_back(run);
    }
    std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) {
        return std::tuple{a.logical_date, a.fire, a.id} < std::tuple{b.logical_date, b.fire, b.id};
    });
    return found;
}

}  // namespace mc
