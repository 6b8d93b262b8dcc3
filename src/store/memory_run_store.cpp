// The ledger in memory: for the simulator and for tests. It keeps the promises of run_store.h by
// looking at the whole batch before it changes anything.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "store/run_store.h"

namespace mc {
namespace {

class MemoryRunStore final : public RunStore {
   public:
    Result<void> commit(const Batch& batch) override;
    Result<Recovered> recover() const override;
    Result<std::vector<Run>> runs(const RunFilter& filter) const override;
    Result<std::vector<Attempt>> attempts(RunId run) const override;
    Result<std::map<RunId, int>> begun(RunId from, RunId to) const override;
    Result<std::optional<OutputSeal>> output_seal(AttemptName attempt) const override;
    Result<std::vector<AttemptName>> unsealed(std::size_t limit) const override;
    Result<void> keep_seal(AttemptName attempt, const OutputSeal& seal) override;
    Result<std::vector<Alert>> alerts(bool closed_too) const override;
    Result<std::vector<OutboxRow>> pending(std::size_t limit) const override;
    Result<void> delivered(const std::vector<std::int64_t>& ids, Instant at) override;
    Result<void> try_later(const std::vector<std::int64_t>& ids, Instant when, std::string_view error) override;
    Result<void> given_up(const std::vector<std::int64_t>& ids, Instant at, std::string_view error) override;
    Result<std::optional<SlackThread>> thread(std::string_view target, RunId alert) const override;
    Result<std::vector<std::pair<SlackThread, Alert>>> closed_threads() const override;
    Result<void> keep_thread(const SlackThread& thread) override;
    Result<void> drop_thread(std::string_view target, RunId alert) override;
    Result<void> remember_boot(std::string_view boot_id) override;
    Result<std::vector<RunId>> prune(Instant older_than, std::size_t limit) override;

    std::optional<Run> by_key(std::string_view job, const FireKey& key) const override;
    std::optional<Run> by_id(RunId id) const override;
    std::optional<Run> spanning(std::string_view job, Instant fire) const override;
    std::optional<JobRecord> record_of(std::string_view job) const override;
    std::vector<Run> by_date(std::string_view job, Date logical_date) const override;
    std::optional<Run> newest_before(std::string_view job, Date date, Instant fire_before) const override;
    std::vector<Run> upstream_failed_after(std::string_view job, Date date) const override;

   private:
    using Key = std::pair<std::string, FireKey>;
    // Where one job's runs are found.
    struct Index {
        std::map<FireKey, RunId> keys;
        std::map<Date, std::set<RunId>> days;
        std::set<std::pair<Instant, RunId>> shared;  // rows for several fires
    };
    const Index& index_of(std::string_view job) const;

    Result<void> refuse_if_wrong(const Batch& batch) const;
    Result<void> refuse_if_twice(const Batch& batch) const;
    void put(const Run& run);
    void unmark(const Run& run);
    void undate(const Run& run);
    void forget(RunId id);

    std::map<RunId, Run> runs_;
    std::map<std::string, Index, std::less<>> index_;  // by job
    std::set<RunId> unfinished_, owed_;
    std::map<std::pair<RunId, int>, Attempt> attempts_;
    std::map<AttemptName, OutputSeal> seals_;
    std::map<std::string, JobRecord> jobs_;
    std::map<RunId, Alert> alerts_;
    std::map<std::int64_t, OutboxRow> pending_;
    std::map<std::pair<RunId, std::string>, SlackThread> threads_;  // by alert and target
    std::optional<Instant> planned_through_, coverage_told_;
    RunId last_run_ = 0;
    std::int64_t last_notice_ = 0, last_batch_ = 0;
    std::string boot_id_;
};

// ---- writing

Result<void> MemoryRunStore::refuse_if_twice(const Batch& batch) const {
    std::set<RunId> ids;
    std::set<Key> keys;
    for (const Run& run : batch.inserted) {
        const Key key{run.job, run.key};
        const bool is_new = !runs_.contains(run.id) && !index_of(run.job).keys.contains(run.key);
        if (!is_new || !ids.insert(run.id).second || !keys.insert(key).second)
            return fail(Error::Kind::store,
                        fmt::format("the ledger already has run {} of job {} for {}", run.id, run.job, run.key.text()));
    }
    std::set<std::int64_t> notices;
    for (const Notice& notice : batch.notices)
        if (notice.id <= last_notice_ || !notices.insert(notice.id).second)
            return fail(Error::Kind::store, fmt::format("the ledger already has notice {}", notice.id));
    return {};
}

Result<void> MemoryRunStore::refuse_if_wrong(const Batch& batch) const {
    if (auto done = refuse_if_twice(batch); !done) return done;
    std::map<RunId, const Run*> fresh;
    for (const Run& run : batch.inserted) fresh.emplace(run.id, &run);
    const auto find = [&](RunId id) -> const Run* {
        if (const auto old = runs_.find(id); old != runs_.end()) return &old->second;
        const auto at = fresh.find(id);
        return at == fresh.end() ? nullptr : at->second;
    };
    for (const Run& run : batch.updated) {
        const Run* known = find(run.id);
        if (known == nullptr || known->job != run.job || known->key != run.key)
            return fail(Error::Kind::store,
                        fmt::format("the ledger has no run {} of job {} for {}", run.id, run.job, run.key.text()));
    }
    for (const Attempt& attempt : batch.attempts)
        if (find(attempt.run) == nullptr)
            return fail(Error::Kind::store, fmt::format("the ledger has no run {}", attempt.run));
    return {};
}

void MemoryRunStore::put(const Run& run) {
    const auto [at, is_new] = runs_.try_emplace(run.id, run);
    Index& index = index_[run.job];
    if (is_new) {
        index.keys.insert_or_assign(run.key, run.id);
        index.days[run.logical_date].insert(run.id);
    } else {
        unmark(at->second);
        if (at->second.logical_date != run.logical_date) {
            undate(at->second);
            index.days[run.logical_date].insert(run.id);
        }
        at->second = run;  // its job and key are for ever
    }
    if (!finished(run.state)) unfinished_.insert(run.id);
    else if (run.deadline) owed_.insert(run.id);
    if (run.last_fire) index.shared.emplace(run.fire, run.id);
}

// Out of the lists that follow its state.
void MemoryRunStore::unmark(const Run& run) {
    unfinished_.erase(run.id);
    owed_.erase(run.id);
    if (run.last_fire) index_[run.job].shared.erase({run.fire, run.id});
}

void MemoryRunStore::undate(const Run& run) {
    auto& days = index_[run.job].days;
    const auto day = days.find(run.logical_date);
    day->second.erase(run.id);
    if (day->second.empty()) days.erase(day);
}

void MemoryRunStore::forget(RunId id) {
    const auto found = runs_.find(id);
    if (found == runs_.end()) return;
    const Run& run = found->second;
    unmark(run);
    undate(run);
    index_[run.job].keys.erase(run.key);
    runs_.erase(found);
}

Result<void> MemoryRunStore::commit(const Batch& batch) {
    if (auto done = refuse_if_wrong(batch); !done) return done;
    for (const Run& run : batch.inserted) {
        put(run);
        last_run_ = std::max(last_run_, run.id);
        last_batch_ = std::max(last_batch_, run.batch);
    }
    for (const Run& run : batch.updated) {
        put(run);
        last_batch_ = std::max({last_batch_, run.batch, run.clearing});
    }
    for (const Attempt& attempt : batch.attempts) {
        attempts_.insert_or_assign({attempt.run, attempt.number}, attempt);
        seals_.erase({attempt.run, attempt.number});
    }
    for (const JobRecord& record : batch.jobs) jobs_.insert_or_assign(record.job, record);
    for (const std::string& job : batch.removed_jobs) jobs_.erase(job);
    for (const Alert& alert : batch.alerts) alerts_.insert_or_assign(alert.run, alert);
    for (const RunId run : batch.cancelled_actions)
        std::erase_if(pending_,
                      [run](const auto& row) { return row.second.notice.is_action && row.second.notice.run == run; });
    for (const Notice& notice : batch.notices) {
        pending_.insert_or_assign(notice.id, OutboxRow{notice, 0, std::nullopt, ""});
        last_notice_ = std::max(last_notice_, notice.id);
    }
    if (batch.planned_through) planned_through_ = batch.planned_through;
    if (batch.coverage_told) coverage_told_ = batch.coverage_told;
    return {};
}

Result<void> MemoryRunStore::remember_boot(std::string_view boot_id) {
    boot_id_ = boot_id;
    return {};
}

Result<std::vector<RunId>> MemoryRunStore::prune(Instant older_than, std::size_t limit) {
    std::vector<std::pair<Instant, RunId>> old;
    for (const auto& [id, run] : runs_) {
        const auto alert = alerts_.find(id);
        const bool is_open = alert != alerts_.end() && !alert->second.closed;
        if (finished(run.state) && run.clearing == 0 && !is_open &&
            std::max(run.fire, run.finished.value_or(run.fire)) < older_than)
            old.emplace_back(run.fire, id);
    }
    std::sort(old.begin(), old.end());
    old.resize(std::min(old.size(), limit));
    std::vector<RunId> gone;
    for (const auto& [fire, id] : old) {
        forget(id);
        attempts_.erase(attempts_.lower_bound({id, 0}), attempts_.lower_bound({id + 1, 0}));
        seals_.erase(seals_.lower_bound({id, 0}), seals_.lower_bound({id + 1, 0}));
        alerts_.erase(id);
        threads_.erase(threads_.lower_bound({id, ""}), threads_.lower_bound({id + 1, ""}));
        gone.push_back(id);
    }
    return gone;
}

// ---- reading

Result<Recovered> MemoryRunStore::recover() const {
    Recovered all;
    for (const RunId id : unfinished_) all.unfinished.push_back(runs_.at(id));
    for (const RunId id : owed_) all.owed.push_back(runs_.at(id));
    for (const auto& [id, run] : runs_)
        if (run.clearing != 0) all.clearing.push_back(run);
    for (const auto& [name, record] : jobs_) all.jobs.push_back(record);
    all.alerts = *alerts(false);
    all.planned_through = planned_through_;
    all.coverage_told = coverage_told_;
    all.last_run = last_run_;
    all.last_notice = last_notice_;
    all.last_batch = last_batch_;
    all.boot_id = boot_id_;
    all.ledger = "memory";
    return all;
}

bool passes(const RunFilter& filter, const Run& run) {
    const auto& jobs = filter.jobs;
    if (!jobs.empty() && std::find(jobs.begin(), jobs.end(), run.job) == jobs.end()) return false;
    const Date last = run.last_fire ? std::max(run.logical_date, latest_date(*run.last_fire)) : run.logical_date;
    if (filter.from && last < *filter.from) return false;
    if (filter.to && run.logical_date > *filter.to) return false;
    if (filter.before && std::pair{run.fire, run.id} >= *filter.before) return false;
    return !filter.state || run.state == *filter.state;
}

Result<std::vector<Run>> MemoryRunStore::runs(const RunFilter& filter) const {
    std::vector<Run> found;
    for (const auto& [id, run] : runs_)
        if (passes(filter, run)) found.push_back(run);
    std::sort(found.begin(), found.end(), [](const Run& a, const Run& b) {
        return std::pair{a.fire, a.id} > std::pair{b.fire, b.id};
    });
    found.resize(std::min(found.size(), filter.limit));
    return found;
}

Result<std::vector<Attempt>> MemoryRunStore::attempts(RunId run) const {
    std::vector<Attempt> found;
    const auto end = attempts_.lower_bound({run + 1, 0});
    for (auto at = attempts_.lower_bound({run, 0}); at != end; ++at) found.push_back(at->second);
    return found;
}

Result<std::map<RunId, int>> MemoryRunStore::begun(RunId from, RunId to) const {
    std::map<RunId, int> found;
    for (auto at = runs_.lower_bound(from); at != runs_.end() && at->first <= to; ++at)
        found.emplace(at->first, at->second.attempt);
    return found;
}

Result<std::optional<OutputSeal>> MemoryRunStore::output_seal(AttemptName attempt) const {
    const auto found = seals_.find(attempt);
    return found == seals_.end() ? std::nullopt : std::optional(found->second);
}

Result<std::vector<AttemptName>> MemoryRunStore::unsealed(std::size_t limit) const {
    std::vector<AttemptName> found;
    for (const auto& [key, attempt] : attempts_)
        if (const AttemptName name{key.first, key.second}; !seals_.contains(name) && found.size() < limit)
            found.push_back(name);
    return found;
}

Result<void> MemoryRunStore::keep_seal(AttemptName attempt, const OutputSeal& seal) {
    if (attempts_.contains({attempt.run, attempt.number})) seals_.insert_or_assign(attempt, seal);
    return {};
}

Result<std::vector<Alert>> MemoryRunStore::alerts(bool closed_too) const {
    std::vector<Alert> found;
    for (const auto& [run, alert] : alerts_)
        if (closed_too || !alert.closed) found.push_back(alert);
    std::stable_sort(found.begin(), found.end(), [](const Alert& a, const Alert& b) { return a.opened < b.opened; });
    return found;
}

const MemoryRunStore::Index& MemoryRunStore::index_of(std::string_view job) const {
    static const Index none;
    const auto found = index_.find(job);
    return found == index_.end() ? none : found->second;
}

std::optional<Run> MemoryRunStore::by_key(std::string_view job, const FireKey& key) const {
    const auto& keys = index_of(job).keys;
    const auto found = keys.find(key);
    if (found == keys.end()) return std::nullopt;
    return runs_.at(found->second);
}

std::optional<Run> MemoryRunStore::by_id(RunId id) const {
    const auto found = runs_.find(id);
    if (found == runs_.end()) return std::nullopt;
    return found->second;
}

std::optional<Run> MemoryRunStore::spanning(std::string_view job, Instant fire) const {
    const Run* found = nullptr;
    for (const auto& [first, id] : index_of(job).shared) {
        if (first > fire) break;
        if (const Run& run = runs_.at(id); fire <= *run.last_fire && (!found || found->fire < first)) found = &run;
    }
    return found ? std::optional(*found) : std::nullopt;
}

std::optional<JobRecord> MemoryRunStore::record_of(std::string_view job) const {
    const auto found = jobs_.find(std::string(job));
    if (found == jobs_.end()) return std::nullopt;
    return found->second;
}

std::vector<Run> MemoryRunStore::by_date(std::string_view job, Date logical_date) const {
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

std::optional<Run> MemoryRunStore::newest_before(std::string_view job, Date date, Instant fire_before) const {
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

std::vector<Run> MemoryRunStore::upstream_failed_after(std::string_view job, Date date) const {
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

// ---- outbox

Result<std::vector<OutboxRow>> MemoryRunStore::pending(std::size_t limit) const {
    std::vector<OutboxRow> rows;
    for (const auto& [id, row] : pending_) {
        if (rows.size() == limit) break;
        rows.push_back(row);
    }
    return rows;
}

Result<void> MemoryRunStore::delivered(const std::vector<std::int64_t>& ids, Instant) {
    for (const std::int64_t id : ids) pending_.erase(id);
    return {};
}

Result<void> MemoryRunStore::try_later(const std::vector<std::int64_t>& ids, Instant when, std::string_view error) {
    for (const std::int64_t id : ids) {
        const auto found = pending_.find(id);
        if (found == pending_.end()) continue;
        ++found->second.tries;
        found->second.next_try = when;
        found->second.last_error = error;
    }
    return {};
}

Result<void> MemoryRunStore::given_up(const std::vector<std::int64_t>& ids, Instant, std::string_view) {
    for (const std::int64_t id : ids) pending_.erase(id);
    return {};
}

Result<std::optional<SlackThread>> MemoryRunStore::thread(std::string_view target, RunId alert) const {
    const auto found = threads_.find({alert, std::string(target)});
    return found == threads_.end() ? std::optional<SlackThread>() : found->second;
}

Result<std::vector<std::pair<SlackThread, Alert>>> MemoryRunStore::closed_threads() const {
    std::set<std::string> waiting;
    for (const auto& [id, row] : pending_) waiting.insert(row.notice.job);
    std::vector<std::pair<SlackThread, Alert>> found;
    for (const auto& [key, thread] : threads_) {
        const auto alert = alerts_.find(thread.alert);
        if (alert == alerts_.end() || !alert->second.closed || waiting.contains(alert->second.job)) continue;
        found.emplace_back(thread, alert->second);
    }
    return found;
}

Result<void> MemoryRunStore::keep_thread(const SlackThread& thread) {
    threads_.insert_or_assign({thread.alert, thread.target}, thread);
    return {};
}

Result<void> MemoryRunStore::drop_thread(std::string_view target, RunId alert) {
    threads_.erase({alert, std::string(target)});
    return {};
}

}  // namespace

std::unique_ptr<RunStore> make_memory_store() { return std::make_unique<MemoryRunStore>(); }

}  // namespace mc
