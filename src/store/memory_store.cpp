#include "store/memory_store.h"

#include <algorithm>
#include <tuple>

namespace mc {

Result<Recovered> MemoryStore::recover() const {
    Recovered all;
    for (const RunId id : unfinished_) all.unfinished.push_back(runs_.at(id));
    for (const RunId id : owed_) all.owed.push_back(runs_.at(id));
    for (const auto& [id, run] : runs_)
        if (run.clearing != 0) all.clearing.push_back(run);
    for (const auto& [name, record] : jobs_) all.jobs.push_back(record);
    all.alerts = *alerts(AlertsAsked::open);
    all.planned_through = planned_through_;
    all.coverage_told = coverage_told_;
    all.last_run = last_run_;
    all.last_notice = last_notice_;
    all.last_batch = last_batch_;
    all.boot_id = boot_id_;
    all.ledger = "memory";
    return all;
}

namespace {

bool passes(const RunFilter& filter, const Run& run) {
    const auto& jobs = filter.jobs;
    if (!jobs.empty() && std::find(jobs.begin(), jobs.end(), run.job) == jobs.end()) return false;
    const Date last = run.last_fire ? std::max(run.logical_date, latest_date(*run.last_fire)) : run.logical_date;
    if (filter.from && last < *filter.from) return false;
    if (filter.to && run.logical_date > *filter.to) return false;
    if (filter.before && std::pair{run.fire, run.id} >= *filter.before) return false;
    return !filter.state || run.state == *filter.state;
}

}  // namespace

Result<std::vector<Run>> MemoryStore::runs(const RunFilter& filter) const {
    std::vector<Run> found;
    for (const auto& [id, run] : runs_)
        if (passes(filter, run)) found.push_back(run);
    std::sort(found.begin(), found.end(), [](const Run& a, const Run& b) {
        return std::pair{a.fire, a.id} > std::pair{b.fire, b.id};
    });
    found.resize(std::min(found.size(), filter.limit));
    return found;
}

Result<std::vector<Attempt>> MemoryStore::attempts(RunId run) const {
    std::vector<Attempt> found;
    const auto end = attempts_.lower_bound({run + 1, 0});
    for (auto at = attempts_.lower_bound({run, 0}); at != end; ++at) found.push_back(at->second);
    return found;
}

Result<std::map<RunId, int>> MemoryStore::begun(RunId from, RunId to) const {
    std::map<RunId, int> found;
    for (auto at = runs_.lower_bound(from); at != runs_.end() && at->first <= to; ++at)
        found.emplace(at->first, at->second.attempt);
    return found;
}

Result<std::optional<OutputSeal>> MemoryStore::output_seal(AttemptName attempt) const {
    const auto found = seals_.find(attempt);
    return found == seals_.end() ? std::nullopt : std::optional(found->second);
}

Result<std::vector<AttemptName>> MemoryStore::unsealed(std::size_t limit) const {
    std::vector<AttemptName> found;
    for (const auto& [key, attempt] : attempts_)
        if (const AttemptName name{key.first, key.second}; !seals_.contains(name) && found.size() < limit)
            found.push_back(name);
    return found;
}

Result<void> MemoryStore::keep_seal(AttemptName attempt, const OutputSeal& seal) {
    if (attempts_.contains({attempt.run, attempt.number})) seals_.insert_or_assign(attempt, seal);
    return {};
}

Result<std::vector<Alert>> MemoryStore::alerts(AlertsAsked asked) const {
    std::vector<Alert> found;
    for (const auto& [run, alert] : alerts_)
        if (asked == AlertsAsked::all || !alert.closed) found.push_back(alert);
    std::stable_sort(found.begin(), found.end(), [](const Alert& a, const Alert& b) { return a.opened < b.opened; });
    return found;
}

const MemoryStore::Index& MemoryStore::index_of(const JobName& job) const {
    static const Index none;
    const auto found = index_.find(job);
    return found == index_.end() ? none : found->second;
}

Result<std::optional<Run>> MemoryStore::by_key(const JobName& job, const FireKey& key) const {
    const auto& keys = index_of(job).keys;
    const auto found = keys.find(key);
    if (found == keys.end()) return std::nullopt;
    return runs_.at(found->second);
}

Result<std::optional<Run>> MemoryStore::by_id(RunId id) const {
    const auto found = runs_.find(id);
    if (found == runs_.end()) return std::nullopt;
    return found->second;
}

Result<std::optional<Run>> MemoryStore::spanning(const JobName& job, Instant fire) const {
    const Run* found = nullptr;
    for (const auto& [first, id] : index_of(job).shared) {
        if (first > fire) break;
        if (const Run& run = runs_.at(id); fire <= *run.last_fire && (!found || found->fire < first)) found = &run;
    }
    return found ? std::optional(*found) : std::nullopt;
}

Result<std::optional<JobRecord>> MemoryStore::record_of(const JobName& job) const {
    const auto found = jobs_.find(job);
    if (found == jobs_.end()) return std::nullopt;
    return found->second;
}

Result<std::vector<Run>> MemoryStore::by_date(const JobName& job, Date logical_date) const {
    std::vector<Run> found;
    const auto& days = index_of(job).days;
    const auto day = days.find(logical_date);
    if (day == days.end()) return found;
    for (const RunId id : day->second) found.push_back(runs_.at(id));
    std::sort(found.begin(), found.end(), [](const Run& a, const Run& b) {
        return std::pair{a.fire, a.id} < std::pair{b.fire, b.id};
    });
    return found;
}

Result<std::optional<Run>> MemoryStore::newest_before(const JobName& job, Date date, Instant fire_before) const {
    std::optional<Run> newest;
    const auto& days = index_of(job).days;
    for (auto day = days.lower_bound(date); day != days.begin() && !newest;) {
        --day;
        for (const RunId id : day->second) {
            const Run& run = runs_.at(id);
            if (run.fire > fire_before || run.key.is_start()) continue;
            if (!newest || newest->fire < run.fire) newest = run;
        }
    }
    return newest;
}

Result<std::vector<Run>> MemoryStore::upstream_failed_after(const JobName& job, Date date) const {
    std::vector<Run> found;
    const auto& days = index_of(job).days;
    for (auto day = days.upper_bound(date); day != days.end(); ++day)
        for (const RunId id : day->second)
            if (const Run& run = runs_.at(id); run.state == State::upstream_failed) found.push_back(run);
    std::sort(found.begin(), found.end(), [](const Run& a, const Run& b) {
        return std::tuple{a.logical_date, a.fire, a.id} < std::tuple{b.logical_date, b.fire, b.id};
    });
    return found;
}

std::unique_ptr<Store> make_memory_store() { return std::make_unique<MemoryStore>(); }

}  // namespace mc
